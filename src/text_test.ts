import assert from "node:assert/strict";
import { asClause, commandLine, escapeControls, wordToType } from "./text.ts";

Deno.test("escapeControls() shows what would do something, on one line", () => {
  for (
    const [text, shown] of [
      ["é 漢 😀 Ω", "é 漢 😀 Ω"],
      ["a\u001b[2Jb", "a\\u001b[2Jb"],
      ["a\u009b31m", "a\\u009b31m"],
      ["a\nerror: b\r\tc\u2028d\u2029", "a\\nerror: b\\r\\tc\\u2028d\\u2029"],
      ["\u202etxt.exe\u2066\u200f", "\\u202etxt.exe\\u2066\\u200f"],
      ["wo\u200brk\u00ad", "wo\\u200brk\\u00ad"],
      ["\u{e0041}", "\\udb40\\udc41"],
    ] as const
  ) {
    assert.equal(escapeControls(text), shown);
    assert.equal(escapeControls(shown), shown);
    assert.deepEqual(JSON.parse(escapeControls(JSON.stringify([text]))), [text]);
  }
});

Deno.test("commandLine() keeps a name one word, and no flag", () => {
  const words = ["rotate", "--resume"];
  for (
    const [name, line] of [
      ["work", "aws-vault rotate --resume work"],
      ["my work", 'aws-vault rotate --resume "my work"'],
      ["o'brien (a)", 'aws-vault rotate --resume "o\'brien (a)"'],
      ["100% (a)", "aws-vault rotate --resume '100% (a)'"],
      ["$(id)'s", "aws-vault rotate --resume '$(id)'\\''s'"],
      ["", "aws-vault rotate --resume ''"],
      ["--all", "aws-vault rotate --resume -- --all"],
      ["-x; y", 'aws-vault rotate --resume -- "-x; y"'],
      ["a\nb'\\", "aws-vault rotate --resume $'a\\nb\\'\\\\'"],
    ] as const
  ) {
    assert.equal(commandLine(words, name), line);
  }
  assert.equal(
    commandLine(["migrate-backend", "--from", "file"]),
    "aws-vault migrate-backend --from file",
  );
});

Deno.test("wordToType() gives a shell the word back, also escaped", {
  ignore: Deno.build.os === "windows" || !hasBash(),
}, () => {
  for (
    const word of [
      "work",
      "a b",
      "it's",
      "[a] & (b); c|d",
      "$(id)`id`!",
      "a\nb\tc",
      "\u001b]8;;x\u001b\\",
      "\u202ea'\\b",
    ]
  ) {
    const script = `printf %s ${escapeControls(wordToType(word))}`;
    const { stdout } = new Deno.Command("bash", {
      args: ["-c", script],
      env: { LC_ALL: "C.UTF-8" },
    })
      .outputSync();
    assert.equal(new TextDecoder().decode(stdout), word);
  }
});

function hasBash(): boolean {
  try {
    return new Deno.Command("bash", { args: ["-c", "true"] }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test("asClause() takes the capital of a sentence, and leaves names and what others wrote", () => {
  for (
    const [message, clause] of [
      ["There is no program", "there is no program"],
      ["The kernel's keys are not known", "the kernel's keys are not known"],
      ["Cannot start it", "cannot start it"],
      ["A key", "a key"],
      ["KWallet is switched off", "KWallet is switched off"],
      ["Windows is not here", "Windows is not here"],
      ["Therefore", "Therefore"],
      ["ANY", "ANY"],
      ["", ""],
    ] as const
  ) {
    assert.equal(asClause(message), clause);
  }
});
