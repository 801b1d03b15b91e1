import assert from "node:assert/strict";
import { decodeTitle, encodeTitle, withoutPlaceholders } from "./title.ts";

Deno.test("encodeTitle() leaves no reference, and decodeTitle() gives the key back", () => {
  const titles = {
    work: "work",
    "{team}": "{team}",
    "100%": "100%",
    "{REF:P@T:bank}": "{%REF:P@T:bank}",
    "a{ref:t@i:1}b{REF:U@T:c}": "a{%ref:t@i:1}b{%REF:U@T:c}",
    "{%REF:P@T:bank}": "{%%REF:P@T:bank}",
    "{{REF:P@T:bank}}": "{{%REF:P@T:bank}}",
    "{%": "{%",
  };
  for (const [key, title] of Object.entries(titles)) {
    assert.deepEqual([encodeTitle(key), decodeTitle(title)], [title, key]);
  }
});

Deno.test("withoutPlaceholders() changes how a text is written, and not the text", () => {
  const json = JSON.stringify({ Key: "{REF:P@T:bank}", Label: "aws-vault ({ref:x}{USERNAME}{{})" });
  const written = withoutPlaceholders(json);
  assert.equal(written.lastIndexOf("{"), 0);
  assert.deepEqual(JSON.parse(written), JSON.parse(json));
});
