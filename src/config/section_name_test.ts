import assert from "node:assert/strict";
import { parseSectionName, renderHeader, splitWords } from "./section_name.ts";

Deno.test("parseSectionName() takes a known kind and a name", () => {
  const profile = (name: string) => ({ kind: "profile", name });
  const cases: [header: string, name: unknown][] = [
    ["default", profile("default")],
    ["profile default", profile("default")],
    ["profile a", profile("a")],
    ["profile  a ", profile("a")],
    ['profile "my work"', profile("my work")],
    ["profile my\\ work", profile("my work")],
    ['profile ""', profile("")],
    ["profile a]b", profile("a]b")],
    ["profilez a", profile("a")],
    ["profile my work", profile("my work")],
    ["profile  my work ", profile("my work")],
    ["profile o'brien", profile("o'brien")],
    ["profile a (b)", profile("a (b)")],
    ['profile "a', profile('"a')],
    ["profile a\\", profile("a\\")],
    ["sso-session a", { kind: "sso-session", name: "a" }],
    ["services a", { kind: "services", name: "a" }],
    ...[
      "profile",
      "profile ",
      " profile a",
      "Profile a",
      "plugins",
      "",
    ]
      .map((header): [string, unknown] => [header, undefined]),
  ];
  for (const [header, name] of cases) assert.deepEqual(parseSectionName(header), name, header);
});

Deno.test("renderHeader() writes what parseSectionName() reads", () => {
  for (const name of ["a", "default", "my work", 'a"b', "it's", "a\\", "", "#1", "a]b", "é\t"]) {
    for (const kind of ["profile", "sso-session", "services"] as const) {
      const header = renderHeader({ kind, name });
      assert.deepEqual(parseSectionName(header.slice(1, -1)), { kind, name }, header);
    }
  }
});

Deno.test("splitWords() follows Python's shlex", () => {
  assert.deepEqual(splitWords(`a 'b c'"d" "e\\"f\\g" '\\' \\h ''`), [
    ...'a|b cd|e"f\\g|\\|h'.split("|"),
    "",
  ]);
  assert.deepEqual(["'", '"a', "\\", ""].map(splitWords), [undefined, undefined, undefined, []]);
});
