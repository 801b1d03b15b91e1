import assert from "node:assert/strict";
import { splitCommand, UnfinishedCommand } from "./split_command.ts";

// What Python's shlex.split gives.
const POSIX: [string, string[]][] = [
  ["", []],
  ["  op\titem get  aws\n", ["op", "item", "get", "aws"]],
  [`a 'b c' "d e" f\\ g`, ["a", "b c", "d e", "f g"]],
  [`a'b'"c"\\d`, ["abcd"]],
  [`"" ''`, ["", ""]],
  [`"a\\"b\\\\c\\d$X" '\\n'`, [`a"b\\c\\d$X`, "\\n"]],
  ["a | b && $(c) # d", ["a", "|", "b", "&&", "$(c)", "#", "d"]],
  ["~/bin/mfa *", ["~/bin/mfa", "*"]],
];

// What the C runtime of Windows gives.
const WINDOWS: [string, string[]][] = [
  [`C:\\bin\\mfa.exe  a\t'b c'`, ["C:\\bin\\mfa.exe", "a", "'b", "c'"]],
  [`"C:\\Program Files\\mfa.exe" ""`, ["C:\\Program Files\\mfa.exe", ""]],
  [`a\\"b "c\\\\" d\\\\e`, [`a"b`, "c\\", "d\\\\e"]],
];

Deno.test("splitCommand() gives the words that a shell would", () => {
  for (const [line, words] of POSIX) assert.deepEqual(splitCommand(line, "linux"), words, line);
  for (const [line, words] of WINDOWS) assert.deepEqual(splitCommand(line, "windows"), words, line);
});

Deno.test("splitCommand() refuses a line without an end", () => {
  for (const line of ["a 'b", 'a "b', "a\\", `"a'`]) {
    assert.throws(() => splitCommand(line, "darwin"), UnfinishedCommand, line);
  }
  assert.throws(() => splitCommand('a "b', "windows"), UnfinishedCommand);
});
