import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { findMacFaults, readMacProgram } from "./inspect_macos.ts";

const PAGE = 4096;
const LIMIT = 2 * PAGE;

interface Change {
  readonly machine?: number;
  readonly isSigned?: boolean;
  readonly linkEditSize?: number;
}

/** A small program of two segments and a page more, with an ad-hoc signature behind them. */
function program({ machine = 0x0100000c, isSigned = true, linkEditSize }: Change = {}): Uint8Array {
  const bytes = new Uint8Array(LIMIT + 512);
  const view = new DataView(bytes.buffer);
  const commands = isSigned ? 3 : 2;
  [0xfeedfacf, machine, 0, 2, commands].forEach((word, i) => view.setUint32(4 * i, word, true));
  segment(view, 32, "__TEXT", 0, PAGE);
  segment(view, 104, "__LINKEDIT", PAGE, linkEditSize ?? bytes.length - PAGE);
  if (!isSigned) return bytes;
  [0x1d, 16, LIMIT, 512].forEach((word, i) => view.setUint32(176 + 4 * i, word, true));
  signature(bytes, LIMIT);
  return bytes;
}

function segment(view: DataView, at: number, name: string, offset: number, size: number): void {
  view.setUint32(at, 0x19, true);
  view.setUint32(at + 4, 72, true);
  [...name].forEach((letter, i) => view.setUint8(at + 8 + i, letter.charCodeAt(0)));
  view.setBigUint64(at + 32, BigInt(size), true);
  view.setBigUint64(at + 40, BigInt(offset), true);
  view.setBigUint64(at + 48, BigInt(size), true);
}

function signature(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, start);
  [0xfade0cc0, 512, 1, 0, 20].forEach((word, i) => view.setUint32(4 * i, word));
  const directory = new DataView(bytes.buffer, start + 20);
  [0xfade0c02, 200, 0x20400, 2, 60, 44, 0, 2, LIMIT].forEach((word, i) =>
    directory.setUint32(4 * i, word)
  );
  [32, 2, 0, 12].forEach((byte, i) => directory.setUint8(36 + i, byte));
  directory.setUint8(44, "x".charCodeAt(0));
  for (const page of [0, 1]) {
    const hash = createHash("sha256").update(bytes.subarray(page * PAGE, (page + 1) * PAGE));
    bytes.set(hash.digest(), start + 20 + 60 + page * 32);
  }
}

Deno.test("readMacProgram() reads segments and the signature", () => {
  const { target, segments, signature } = readMacProgram(program());
  assert.equal(target, "aarch64-apple-darwin");
  assert.deepEqual(segments.map(({ name, fileSize }) => [name, fileSize]), [
    ["__TEXT", PAGE],
    ["__LINKEDIT", PAGE + 512],
  ]);
  const { identifier, isAdHoc, codeLimit, pageSize, hashes } = signature!;
  assert.deepEqual([identifier, isAdHoc, codeLimit, pageSize], ["x", true, LIMIT, PAGE]);
  assert.equal(hashes.length, 2);
});

Deno.test("findMacFaults() finds what macOS refuses", () => {
  const changed = program();
  changed[PAGE + 7] = 1;
  const intel = 0x01000007;
  assert.deepEqual(
    [
      program(),
      changed,
      program({ isSigned: false }),
      program({ isSigned: false, machine: intel }),
      program({ linkEditSize: PAGE }),
      program({ linkEditSize: 3 * PAGE }),
      new Uint8Array(100),
    ].map(findMacFaults),
    [
      [],
      ["1 of 2 pages do not have their hash"],
      ["it has no signature with SHA-256"],
      [],
      ["bytes follow __LINKEDIT"],
      ["segment __LINKEDIT ends behind the file", "bytes follow __LINKEDIT"],
      ["it is not a program for macOS"],
    ],
  );
});
