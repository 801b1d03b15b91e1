import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL } from "../services/kernel_keyring.ts";
import { launch, programWords } from "./launch.ts";
import { NEEDS_TERMINAL, play } from "./terminal_driver.ts";

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

Deno.test({
  name: "who chose a passphrase for a first key is not asked for it by the command after it",
  ignore: kernel.ignore || NEEDS_TERMINAL.ignore,
  async fn() {
    await using home = await Home.open();
    home.as("work");
    delete home.env["AWS_VAULT_FILE_UNLOCK_TTL"];
    delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
    const variables = Object.entries(home.env).map(([name, value]) => `${name}=${value}`);
    const script =
      '"$@" add --env work && "$@" export work >/dev/null && "$@" export work >/dev/null';
    const words = ["env", ...variables, "keyctl", "session", "-", "sh", "-ec", script, "sh"];
    const { code, terminal } = await play({
      argv: [...words, ...programWords()],
      steps: [
        { expect: "Enter a new passphrase", send: "secret\r" },
        { expect: "Enter it again: ", send: "secret\r" },
      ],
    });
    assert.equal(code, 0, terminal);
    const questions = terminal.split("\r\n").filter((line) => /^Enter /.test(line));
    const store = `${home.path}/.awsvault/keys`;
    assert.deepEqual(questions, [`Enter a new passphrase for "${store}": `, "Enter it again: "]);
  },
});
