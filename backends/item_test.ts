import assert from "node:assert/strict";
import { decodeItem, encodeItem } from "./item.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("encodeItem() writes the Go library's fields in its order", () => {
  assert.equal(
    encodeItem("work", { data: bytes("{}"), label: "aws-vault (work)", description: "why" }),
    '{"Key":"work","Data":"e30=","Label":"aws-vault (work)","Description":"why",' +
      '"KeychainNotTrustApplication":true,"KeychainNotSynchronizable":false}',
  );
});

Deno.test("decodeItem() gives the data of the expected item", () => {
  const data = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.deepEqual(decodeItem(encodeItem("a/b", { data, label: "" }), "a/b"), data);
  assert.deepEqual(decodeItem('{"Key":"work","Data":null}', "work"), new Uint8Array());
  assert.deepEqual(decodeItem('{"Key":"work","Data":"e30=","New":1}'), bytes("{}"));
});

Deno.test("decodeItem() calls everything else damaged, and quotes none of it", () => {
  const cases: [text: string, reason: string][] = [
    ["", "it is not a JSON object"],
    ["SECRET", "it is not a JSON object"],
    ["null", "it is not a JSON object"],
    ['["SECRET"]', "it is not a JSON object"],
    ['{"Data":"e30="}', "it does not name its item"],
    ['{"Key":"home","Data":"e30="}', 'it holds the item of "home"'],
    ['{"Key":"work","Data":7}', "its data is not a string"],
    ['{"Key":"work","Data":"SECRET!"}', "its data is not base64"],
  ];
  for (const [text, reason] of cases) {
    assert.throws(() => decodeItem(text, "work", 'its file "/k/work"'), {
      code: "damaged-item",
      message: `Cannot read "work": its file "/k/work" is damaged: ${reason}`,
    });
  }
});
