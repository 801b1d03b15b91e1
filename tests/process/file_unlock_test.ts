import assert from "node:assert/strict";
import { saltOf } from "../../backends/file/jwe.ts";
import { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL } from "../services/kernel_keyring.ts";
import { launch, programWords } from "./launch.ts";
import { NEEDS_TERMINAL, play, type Step } from "./terminal_driver.ts";

const kernel = requireService(
  "the kernel's keys",
  hasKernelKeys() && runs("keyctl", "--version"),
  `${KERNEL_KEYS_INSTALL}; Debian: keyutils`,
);

Deno.test({
  name: "a process that unlocks the file store for others goes on with it itself",
  ...kernel,
  async fn() {
    await using home = await Home.open();
    home.as("work");
    delete home.env["AWS_VAULT_FILE_UNLOCK_TTL"];
    // A login session of its own, in which nothing is left unlocked.
    const words = ["keyctl", "session", "-", ...programWords()];
    const added = await launch(["add", "--env", "work"], home.env, words).finished;
    assert.equal(added.code, 0, added.stderr);
    for (let time = 1; time <= 2; time++) {
      const { code, stderr } = await launch(["export", "work"], home.env, words).finished;
      assert.deepEqual([code, stderr.replace(/^Joined session keyring: .*\n/, "")], [0, ""]);
    }
    // The first export wrote a data key after it had read the key; the second is cached.
    assert.deepEqual(home.aws.takeCalls(), ["GetSessionToken by key/work for 3600s"]);
  },
});

/** What a person at a terminal is asked while a script runs in a login session of its own. */
async function questionsOf(home: Home, script: string, answers: readonly Step[]) {
  delete home.env["AWS_VAULT_FILE_UNLOCK_TTL"];
  delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
  const variables = Object.entries(home.env).map(([name, value]) => `${name}=${value}`);
  const words = ["env", ...variables, "keyctl", "session", "-", "sh", "-ec", script, "sh"];
  const { code, terminal } = await play({ argv: [...words, ...programWords()], steps: answers });
  assert.equal(code, 0, terminal);
  return terminal.split("\r\n").filter((line) => /^Enter /.test(line));
}

const NEW_PASSPHRASE = [
  { expect: "Enter a new passphrase", send: "secret\r" },
  { expect: "Enter it again: ", send: "secret\r" },
];
const storeOf = (home: Home) => `${home.path}/.awsvault/keys`;
const AT_TERMINAL = { ignore: kernel.ignore || NEEDS_TERMINAL.ignore };

Deno.test({
  name: "who chose a passphrase for a first key is not asked for it by the command after it",
  ...AT_TERMINAL,
  async fn() {
    await using home = await Home.open();
    home.as("work");
    const script =
      '"$@" add --env work && "$@" export work >/dev/null && "$@" export work >/dev/null';
    const questions = await questionsOf(home, script, NEW_PASSPHRASE);
    const asked = [`Enter a new passphrase for "${storeOf(home)}": `, "Enter it again: "];
    assert.deepEqual(questions, asked);
  },
});

Deno.test({
  name: "who typed the passphrase to store a key is not asked for it by the next ones",
  ...AT_TERMINAL,
  async fn() {
    await using home = await Home.open();
    home.as("work");
    const question = `Enter passphrase to unlock "${storeOf(home)}": `;
    await questionsOf(home, '"$@" add --env work', NEW_PASSPHRASE);
    const script = `"$@" add --env second && "$@" add --env third && "$@" add --env --force third
      "$@" add --env fourth & "$@" add --env fifth & wait
      "$@" lock; "$@" add --env sixth`;
    const steps = [1, 2].map(() => ({ expect: question, send: "secret\r" }));
    assert.deepEqual(await questionsOf(home, script, steps), [question, question]);
    const salts = new Set<string>();
    for (const { name } of Deno.readDirSync(storeOf(home))) {
      const salt = saltOf(Deno.readTextFileSync(`${storeOf(home)}/${name}`))?.toHex();
      assert.ok(salt && !salts.has(salt), name);
      salts.add(salt);
    }
    home.env["AWS_VAULT_FILE_PASSPHRASE"] = "secret";
    assert.equal((await home.run("export", "--no-session", "fifth")).code, 0);
  },
});
