import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { storeWordsOf, withStoreWords } from "./followed_hints.ts";

function written(text: string, ...storeWords: string[]): string {
  let all = "";
  const output = { write: (part: string) => void (all += part), isTerminal: () => false };
  withStoreWords(output, () => storeWords).write(text);
  return all;
}

Deno.test("storeWordsOf() takes the flags that say where keys are", () => {
  const words = ["exec", "--backend", "file", "--file-dir=my keys", "--region=x", "work"];
  assert.deepEqual(storeWordsOf(words, BACKENDS), ["--backend=file", "--file-dir=my keys"]);
  assert.deepEqual(storeWordsOf(["--backend=", "list"], BACKENDS), []);
});

Deno.test("withStoreWords() has the command of a hint name the keystore", () => {
  assert.equal(
    written("error: a: aws-vault add x\nhint: Store one: aws-vault add work\n", "--backend=file"),
    "error: a: aws-vault add x\nhint: Store one: aws-vault --backend=file add work\n",
  );
  assert.equal(
    written("hint: Store one: aws-vault add work\n", "--backend=file", "--file-dir=my keys"),
    'hint: Store one: aws-vault --backend=file "--file-dir=my keys" add work\n',
  );
});

Deno.test("withStoreWords() has every command of a note, a hint or a warning name the keystore", () => {
  const lines = [
    ["warning: After that, aws-vault clear removes them", "clear"],
    ["note: It is in a file; store it: aws-vault import --from=file --profile=work", "import"],
    [
      "hint: A login: aws-vault sso login work, or a device: aws-vault mfa enroll work",
      "sso",
      "mfa",
    ],
  ] as const;
  for (const [line, ...commands] of lines) {
    const named = commands.reduce(
      (text, name) => text.replace(`aws-vault ${name}`, `aws-vault --backend=file ${name}`),
      line as string,
    );
    assert.equal(written(`${line}\n`, "--backend=file"), `${named}\n`);
  }
});

Deno.test("withStoreWords() leaves a hint that names its own, or needs none", () => {
  for (
    const hint of [
      "hint: To move them: aws-vault migrate-backend --from keyctl --to file\n",
      "hint: To use it: aws-vault --backend=pass list\n",
      "hint: See: aws-vault --help\n",
      "hint: See: aws-vault help backends\n",
      "hint: Keep one: aws-vault reads the last\n",
    ]
  ) assert.equal(written(hint, "--backend=file"), hint);
  assert.equal(
    written("hint: Store one: aws-vault add work\n"),
    "hint: Store one: aws-vault add work\n",
  );
});
