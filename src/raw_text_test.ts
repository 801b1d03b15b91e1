import assert from "node:assert/strict";
import { decodeRaw, encodeRaw } from "./raw_text.ts";

Deno.test("decodeRaw() gives a text that encodeRaw() turns back into the same bytes", () => {
  const cases: [bytes: number[], text: string][] = [
    [[], ""],
    [[0x61, 0xc3, 0xa4, 0xf0, 0x9f, 0x94, 0x91], "aä🔑"],
    [[0x61, 0xff, 0x62], "a\udcffb"],
    // Cut off, overlong, a surrogate, a stray continuation before a character.
    [[0xc3], "\udcc3"],
    [[0xf0, 0x9f, 0x94], "\udcf0\udc9f\udc94"],
    [[0xc0, 0xaf], "\udcc0\udcaf"],
    [[0xed, 0xb2, 0x80], "\udced\udcb2\udc80"],
    [[0x80, 0xc3, 0xa4, 0xe9], "\udc80ä\udce9"],
    [[0xef, 0xbb, 0xbf, 0xff], "\ufeff\udcff"],
  ];
  for (const [bytes, text] of cases) {
    assert.equal(decodeRaw(new Uint8Array(bytes)), text);
    assert.deepEqual([...encodeRaw(text)], bytes);
  }
});
