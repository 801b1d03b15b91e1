import assert from "node:assert/strict";
import { parseExpirationText } from "./expiration_text.ts";

Deno.test("parseExpirationText() reads what botocore reads", () => {
  const cases: [string, string | undefined][] = [
    ["2099-01-02T03:04:05Z", "2099-01-02T03:04:05Z"],
    ["2099-01-02T03:04:05UTC", "2099-01-02T03:04:05Z"],
    ["2099-01-02T03:04:05 GMT", "2099-01-02T03:04:05Z"],
    ["2099-01-02 03:04:05+00:00", "2099-01-02T03:04:05Z"],
    ["2099-01-02T05:04:05.250+0200", "2099-01-02T03:04:05.25Z"],
    ["2099-01-02T03:04Z", "2099-01-02T03:04:00Z"],
    ["20990102T030405Z", "2099-01-02T03:04:05Z"],
    ["Fri, 02 Jan 2099 03:04:05 GMT", "2099-01-02T03:04:05Z"],
    ["Fri Jan  2 03:04:05 UTC 2099", "2099-01-02T03:04:05Z"],
    ["2099-01-02T03:04:05", undefined],
    ["2099-01-02", undefined],
    ["2099-02-31T00:00:00Z", undefined],
    ["tomorrow", undefined],
    ["1767225600", undefined],
  ];
  for (const [text, expected] of cases) {
    assert.equal(parseExpirationText(text)?.toString(), expected, text);
  }
});
