import assert from "node:assert/strict";
import { renderQuery } from "./query.ts";

Deno.test("renderQuery() numbers lists, joins fields with dots and leaves absent values out", () => {
  const body = renderQuery("Act", "2020-01-01", {
    Absent: undefined,
    Empty: "",
    Number: 900,
    Names: ["a", "b"],
    None: [],
    Tags: [{ Key: "k", Value: "v" }, { Key: "", Value: undefined }],
    Nested: { Deep: { Value: "x" } },
  });
  assert.equal(
    body,
    "Action=Act&Version=2020-01-01&Empty=&Number=900&Names.member.1=a&Names.member.2=b" +
      "&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=&Nested.Deep.Value=x",
  );
});

Deno.test("renderQuery() encodes what AWS decodes to the same text", () => {
  const text = `a b+c&d=e%20"é€😀\n~*'()`;
  const body = renderQuery("Act", "1", { Text: text });
  assert.equal(new URLSearchParams(body).get("Text"), text);
  assert(!/[^\x21-\x7e]/.test(body));
});
