import assert from "node:assert/strict";
import {
  decodeHeader,
  encodeHeader,
  fitsWhole,
  joinParts,
  LARGEST_BLOB,
  splitParts,
} from "./parts.ts";

const header = { generation: "0123456789abcdef", count: 2, size: 3_000 };
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("decodeHeader() reads what encodeHeader() writes, and takes no data for it", () => {
  assert.deepEqual(decodeHeader(encodeHeader(header)), header);
  for (const data of [bytes(""), bytes("{}"), bytes("\0aws-vault"), new Uint8Array(40)]) {
    assert.equal(decodeHeader(data), undefined);
  }
});

Deno.test("decodeHeader() tells a damaged header from data", () => {
  const magic = "\0aws-vault parts 1\n";
  for (
    const text of [
      "",
      "null",
      "{}",
      JSON.stringify({ ...header, generation: "../x" }),
      JSON.stringify({ ...header, count: 1 }),
      JSON.stringify({ ...header, count: 1e12, size: 1e12 * LARGEST_BLOB, more: 1 }) + "}",
      JSON.stringify({ ...header, count: 0, size: 0 }),
    ]
  ) assert.equal(decodeHeader(bytes(magic + text)), "damaged", text);
});

Deno.test("fitsWhole() leaves no data that look like a header", () => {
  assert.equal(fitsWhole(new Uint8Array(LARGEST_BLOB)), true);
  assert.equal(fitsWhole(new Uint8Array(LARGEST_BLOB + 1)), false);
  assert.equal(fitsWhole(encodeHeader(header)), false);
});

Deno.test("joinParts() puts together what splitParts() took apart", () => {
  for (const size of [1, 2_560, 2_561, 5_120, 65_536]) {
    const data = Uint8Array.from({ length: size }, (_, index) => index % 251);
    const parts = splitParts(data);
    assert.ok(parts.every((part) => part.length > 0 && part.length <= LARGEST_BLOB));
    assert.deepEqual(joinParts({ ...header, count: parts.length, size }, parts), data);
    assert.equal(joinParts({ ...header, size: size + 1 }, parts), undefined);
  }
});
