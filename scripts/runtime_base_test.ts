import assert from "node:assert/strict";
import { checkBase, describeBase, type RuntimeBase } from "./runtime_base.ts";

/** A file with numbers at places, little-endian, and a text after them. */
function file(numbers: Record<number, [size: 2 | 4, value: number]>, text = ""): Uint8Array {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  for (const [at, [size, value]] of Object.entries(numbers)) {
    if (size === 2) view.setUint16(Number(at), value, true);
    else view.setUint32(Number(at), value, true);
  }
  bytes.set(new TextEncoder().encode(text), 200);
  return bytes;
}

Deno.test("describeBase() reads platform and release from a program's file", () => {
  const elf = (machine: number) => file({ 0: [4, 0x464c457f], 18: [2, machine] }, "Deno/2.7.11 x");
  const mach = (type: number) => file({ 0: [4, 0xfeedfacf], 4: [4, type] });
  const pe = (machine: number) =>
    file({ 0: [2, 0x5a4d], 0x3c: [4, 0x80], 0x80: [4, 0x4550], 0x84: [2, machine] });
  assert.deepEqual(
    [elf(0x3e), elf(0xb7), mach(0x01000007), mach(0x0100000c), pe(0x8664), pe(0xaa64)]
      .map((bytes) => describeBase(bytes)),
    [
      { target: "x86_64-unknown-linux-gnu", version: "2.7.11" },
      { target: "aarch64-unknown-linux-gnu", version: "2.7.11" },
      { target: "x86_64-apple-darwin", version: undefined },
      { target: "aarch64-apple-darwin", version: undefined },
      { target: "x86_64-pc-windows-msvc", version: undefined },
      { target: "aarch64-pc-windows-msvc", version: undefined },
    ],
  );
  assert.deepEqual(describeBase(new Uint8Array(8)), { target: undefined, version: undefined });
});

Deno.test("checkBase() refuses the base of another platform or release", () => {
  const base = { target: "x86_64-unknown-linux-gnu", version: "2.7.11" };
  checkBase(base, "x86_64-unknown-linux-gnu", "2.7.11");
  checkBase({ ...base, version: undefined }, "x86_64-unknown-linux-gnu", "2.9.6");
  const refused = (target: string, version: string, found: RuntimeBase = base) => {
    let message = "";
    assert.throws(() => checkBase(found, target, version), (error: Error) => {
      message = error.message;
      return true;
    });
    return message;
  };
  assert.equal(
    refused("aarch64-apple-darwin", "2.7.11"),
    "Cannot compile for aarch64-apple-darwin: DENORT_BIN names a runtime base for x86_64-unknown-linux-gnu",
  );
  assert.equal(
    refused("aarch64-apple-darwin", "2.7.11", { ...base, target: undefined }),
    "Cannot compile for aarch64-apple-darwin: DENORT_BIN names no runtime base",
  );
  assert.equal(
    refused("x86_64-unknown-linux-gnu", "2.9.6"),
    "Cannot compile with Deno 2.9.6: DENORT_BIN names the runtime base of Deno 2.7.11\n" +
      "hint: Set OFFLINE_DENO to the Deno of the same release",
  );
});
