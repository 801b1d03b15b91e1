import assert from "node:assert/strict";
import { VaultError } from "../errors.ts";
import { addSection, removeKey, setKey } from "./edit.ts";
import type { SectionName } from "./section_name.ts";

const work: SectionName = { kind: "profile", name: "work" };

Deno.test("addSection() appends a section in the style of the file", () => {
  const add = (text: string, name: string) =>
    addSection(text, "config", { kind: "profile", name }, [["region", "eu-west-1"]]);

  assert.equal(add("", "work"), "[profile work]\nregion = eu-west-1\n");
  assert.equal(
    add("# mine\n[default]\n", "work"),
    "# mine\n[default]\n\n[profile work]\nregion = eu-west-1\n",
  );
  assert.equal(
    add("\ufeff[a]\r\n", "my work"),
    '\ufeff[a]\r\n\r\n[profile "my work"]\r\nregion = eu-west-1\r\n',
  );
  assert.equal(add("[a]\nk = v", "default"), "[a]\nk = v\n\n[default]\nregion = eu-west-1");
  assert.equal(add("", 'a "b" \\'), '[profile "a \\"b\\" \\\\"]\nregion = eu-west-1\n');
});

Deno.test("addSection() refuses what it could not read back", () => {
  const refused = (text: string, name: string, value: string) =>
    assert.throws(
      () => addSection(text, "config", { kind: "profile", name }, [["region", value]]),
      (error) => error instanceof VaultError && error.code === "conflict",
    );

  refused("[profile work]\n", "work", "a");
  refused('[profile "work"]\n', "work", "a");
  refused("", "two\nlines", "a");
  refused("", "work", "a\nrole_arn = b");
  refused("", "work", "a # b");
  refused("", "work", " a");
});

Deno.test("setKey() changes a value in place and keeps the comment behind it", () => {
  const text = "[profile work]\n  Region=us-east-1 # home\nmfa_serial =\n";
  assert.equal(
    setKey(text, "config", work, "region", "eu-west-1"),
    "[profile work]\n  Region=eu-west-1 # home\nmfa_serial =\n",
  );
  assert.equal(
    setKey(text, "config", work, "mfa_serial", "arn"),
    "[profile work]\n  Region=us-east-1 # home\nmfa_serial = arn\n",
  );
  assert.equal(
    setKey("[profile work]\nregion = # none\n", "config", work, "region", "eu"),
    "[profile work]\nregion = eu # none\n",
  );
});

Deno.test("setKey() takes the lines that continued the old value away", () => {
  assert.equal(
    setKey("[profile work]\ns3 =\n  a = b\n  # note\n  c = d\nk = v\n", "config", work, "s3", "x"),
    "[profile work]\ns3 = x\n  # note\nk = v\n",
  );
});

Deno.test("setKey() adds a line after the last setting, indented as that", () => {
  assert.equal(
    setKey("[profile work]\r\n  a = b\r\n\r\n# about c\r\n[c]\r\n", "config", work, "k", "v"),
    "[profile work]\r\n  a = b\r\n  k = v\r\n\r\n# about c\r\n[c]\r\n",
  );
  assert.equal(
    setKey("[profile work]\n\n  [c]\nd = e", "config", work, "k", "v"),
    "[profile work]\n  k = v\n\n  [c]\nd = e",
  );
  assert.equal(setKey("[profile work]", "config", work, "k", "v"), "[profile work]\nk = v");
});

Deno.test("setKey() refuses a section that is not there", () => {
  assert.throws(() => setKey("", "/home/a/.aws/config", work, "k", "v"), {
    code: "conflict",
    message: 'Cannot change profile "work" in "/home/a/.aws/config": there is no such section',
  });
});

Deno.test("removeKey() removes every duplicate of the key, and only that", () => {
  const text = "[profile work]\na = 1\nK = v\n  more\n\nb = 2\n[x]\nk = v\n[profile work]\nk = w\n";
  assert.equal(
    removeKey(text, "config", work, "k"),
    "[profile work]\na = 1\n\nb = 2\n[x]\nk = v\n[profile work]\n",
  );
  assert.equal(removeKey(text, "config", work, "missing"), text);
  assert.equal(removeKey(text, "config", { kind: "profile", name: "other" }, "k"), text);
});
