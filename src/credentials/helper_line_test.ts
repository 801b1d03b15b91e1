import assert from "node:assert/strict";
import { isForShell, roughWords, shellStart, variablesOf } from "./helper_line.ts";

Deno.test("isForShell() is true of what only a shell reads", () => {
  const cases: [string, boolean][] = [
    ["op item get 'AWS mfa' --otp", false],
    ["/opt/bin/tool --format=json -x a:b,c@d", false],
    ['tool "two words"', false],
    ["tool | jq .", true],
    ["tool 2>/dev/null", true],
    ["tool $PROFILE", true],
    ["~/bin/tool", true],
    ["A=b tool", true],
    ["tool `date`", true],
    ["tool *.json", true],
    ["cd /opt && tool", true],
    ["read code", true],
    ["echo 123456", true],
    ["tool #x", true],
  ];
  for (const [line, expected] of cases) assert.equal(isForShell(line, "linux"), expected, line);
  const windows: [string, boolean][] = [
    [String.raw`C:\bin\tool.exe --file C:\x`, false],
    ["tool %PROFILE%", true],
    ["tool | find x", true],
    ["echo 123456", true],
  ];
  for (const [line, expected] of windows) assert.equal(isForShell(line, "windows"), expected, line);
});

Deno.test("shellStart() starts the shell of the system", () => {
  assert.deepEqual(shellStart("a | b", "linux"), { command: "/bin/sh", args: ["-c", "a | b"] });
  assert.deepEqual(shellStart('a "b" | c', "windows"), {
    command: "cmd.exe",
    args: ["/d", "/s", "/c", '"a "b" | c"'],
    rawArguments: true,
  });
});

Deno.test("variablesOf() names what the shell puts in", () => {
  assert.deepEqual(variablesOf("x $B ${A:-1} $1 $$", "linux"), ["A", "B", "HOME", "PATH"]);
  assert.deepEqual(variablesOf("x %B% %A:a=b%", "windows"), ["A", "B", "HOME", "PATH"]);
});

Deno.test("roughWords() splits also a line without an end", () => {
  assert.deepEqual(roughWords("a 'b c'", "linux"), ["a", "b c"]);
  assert.deepEqual(roughWords("a 'b c", "linux"), ["a", "'b", "c"]);
});
