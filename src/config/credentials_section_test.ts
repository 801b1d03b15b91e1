import assert from "node:assert/strict";
import { readSetting, removeCredentials, writeCredentials } from "./credentials_section.ts";

const NEW = [
  ["aws_access_key_id", "ASIANEW"],
  ["aws_secret_access_key", "new"],
  ["aws_session_token", "newtoken"],
] as const;
const BLOCK = "[tmp]\naws_access_key_id = ASIANEW\naws_secret_access_key = new\n" +
  "aws_session_token = newtoken\n";

/** What a file becomes, and what it is when the credentials are taken out again. */
const CASES: readonly {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly left: string;
}[] = [
  { name: "an empty file", before: "", after: BLOCK, left: "" },
  {
    name: "a file of others",
    before: "# caf\udce9\r\n[work]\r\n aws_access_key_id=AKIA\r\n",
    after: "# caf\udce9\r\n[work]\r\n aws_access_key_id=AKIA\r\n\r\n" +
      BLOCK.replaceAll("\n", "\r\n"),
    left: "# caf\udce9\r\n[work]\r\n aws_access_key_id=AKIA\r\n",
  },
  {
    name: "a file without an end of its last line",
    before: "[work]\nregion = x",
    after: `[work]\nregion = x\n\n${BLOCK}`,
    left: "[work]\nregion = x\n",
  },
  {
    name: "a section with more in it",
    before:
      "[a]\nx = 1\n[tmp]  ; mine\noutput = json # keep\naws_session_token=old\naws_security_token = old\naws_access_key_id = ASIAOLD ; key\n\n# end\n[z]\ny = 2\n",
    after:
      "[a]\nx = 1\n[tmp]  ; mine\noutput = json # keep\naws_session_token=newtoken\naws_access_key_id = ASIANEW ; key\naws_secret_access_key = new\n\n# end\n[z]\ny = 2\n",
    left: "[a]\nx = 1\n[tmp]  ; mine\noutput = json # keep\n\n# end\n[z]\ny = 2\n",
  },
];

for (const { name, before, after, left } of CASES) {
  Deno.test(`writeCredentials() and removeCredentials() keep the rest of ${name}`, () => {
    const { text, isNewSection } = writeCredentials(before, "f", "tmp", NEW);
    assert.equal(text, after);
    const removed = removeCredentials(text, "f", "tmp", { others: [], withHeader: isNewSection });
    assert.equal(removed, left);
    assert.equal(readSetting(text, "f", "tmp", "aws_access_key_id"), "ASIANEW");
  });
}

Deno.test("writeCredentials() loses no long-term key, and takes no name or value that is not one", () => {
  const key = "[tmp]\naws_access_key_id = AKIA\naws_secret_access_key = s\naws_session_token =\n";
  assert.throws(() => writeCredentials(key, "f", "tmp", NEW), { code: "conflict" });
  for (const name of ["", "a]b", "a\nb", " a", "[a"]) {
    assert.throws(() => writeCredentials("", "f", name, NEW), { code: "bad-usage" }, name);
  }
  for (const value of ["x\n[work]\naws_access_key_id = y", "x # y", "x\ny = z"]) {
    const settings = [...NEW, ["region", value] as const];
    assert.throws(() => writeCredentials("", "f", "tmp", settings), { code: "conflict" }, value);
  }
});
