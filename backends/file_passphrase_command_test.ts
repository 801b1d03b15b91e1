import assert from "node:assert/strict";
import { splitCommand } from "./file_passphrase_command.ts";

Deno.test("splitCommand() splits as a POSIX shell does", () => {
  const cases: [line: string, words: string[]][] = [
    ["", []],
    ["  ", []],
    ["pass show vault", ["pass", "show", "vault"]],
    [" a\t b\n", ["a", "b"]],
    [`cat "my file" 'it is'`, ["cat", "my file", "it is"]],
    [`a"b c"d'e f'`, ["ab cde f"]],
    [`'' ""`, ["", ""]],
    [`a\\ b \\"c`, ["a b", `"c`]],
    [`"\\" \\\\ \\a \\$"`, [`" \\ \\a $`]],
    [`'\\n'`, ["\\n"]],
    ["$HOME `id` | x > y", ["$HOME", "`id`", "|", "x", ">", "y"]],
  ];
  for (const [line, words] of cases) assert.deepEqual(splitCommand(line, "linux"), words, line);
});

Deno.test("splitCommand() leaves the backslashes of Windows alone", () => {
  assert.deepEqual(splitCommand(String.raw`"C:\My Tools\x.exe" C:\a 'b c'`, "windows"), [
    String.raw`C:\My Tools\x.exe`,
    String.raw`C:\a`,
    "b c",
  ]);
});

Deno.test("splitCommand() refuses an open quote or a backslash at the end", () => {
  for (const line of [`a "b`, `a 'b`, "a\\"]) {
    assert.throws(() => splitCommand(line, "linux"), { code: "bad-usage" });
  }
});
