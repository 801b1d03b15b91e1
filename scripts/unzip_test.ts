import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { unzipOnly } from "./unzip.ts";

/** An archive of one file, as the format's document has it. */
function zip(content: Uint8Array, packed: Uint8Array, method: number): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode("denort");
  const header = (size: number, fields: readonly (readonly [at: number, value: number])[]) => {
    const view = new DataView(new ArrayBuffer(size));
    for (const [at, value] of fields) view.setUint32(at, value, true);
    return view;
  };
  const local = header(30, [[0, 0x04034b50], [18, packed.length], [22, content.length]]);
  local.setUint16(8, method, true);
  local.setUint16(26, name.length, true);
  const central = header(46, [[0, 0x02014b50], [20, packed.length], [24, content.length]]);
  central.setUint16(10, method, true);
  central.setUint16(28, name.length, true);
  const at = 30 + name.length + packed.length;
  const end = header(22, [[0, 0x06054b50], [12, 46 + name.length], [16, at]]);
  end.setUint16(8, 1, true);
  end.setUint16(10, 1, true);
  const parts = [local.buffer, name, packed, central.buffer, name, end.buffer];
  return new Uint8Array(
    parts.flatMap((part) => [...new Uint8Array(part instanceof Uint8Array ? part : part)]),
  );
}

const CONTENT = new TextEncoder().encode("base ".repeat(100));

Deno.test("unzipOnly() unpacks the one file of an archive", async () => {
  const packed = new Uint8Array(deflateRawSync(CONTENT));
  assert.deepEqual(await unzipOnly(zip(CONTENT, packed, 8)), CONTENT);
  assert.deepEqual(await unzipOnly(zip(CONTENT, CONTENT, 0)), CONTENT);
});

Deno.test("unzipOnly() refuses what is not such an archive", async () => {
  const two = zip(CONTENT, CONTENT, 0);
  two[two.length - 12] = 2;
  for (const archive of [CONTENT, new Uint8Array(3), two, zip(CONTENT, CONTENT, 12)]) {
    await assert.rejects(unzipOnly(archive), /^Error: Cannot unpack the archive/);
  }
});
