import assert from "node:assert/strict";
import { fileStoreHost, sealedItems, STORE } from "../../tests/fakes/file_store.ts";
import { memoryPlatform } from "../../tests/fakes/memory_host.ts";
import { ProgramFailure } from "../../src/host.ts";
import { openFileKeyring } from "./keyring.ts";
import type { PassphraseSource } from "./passphrase_source.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const item = (text: string) => ({ data: bytes(text), label: "aws-vault (work)" });
const UNLOCK = `Enter passphrase to unlock "${STORE}": (hidden)`;
const CHOOSE = `Enter a new passphrase for "${STORE}": (hidden)`;
const REPEAT = "Enter it again: (hidden)";
const AGAIN = "Wrong passphrase, try again\n";

async function open(
  options: Parameters<typeof fileStoreHost>[0] & {
    passphrase?: PassphraseSource;
    mayPrompt?: boolean;
    items?: Record<string, string>;
  } = {},
) {
  const { passphrase = {}, mayPrompt = true, items = { work: "x", home: "y" } } = options;
  const files = { ...await sealedItems(items, "good"), ...options.files };
  const host = fileStoreHost({ ...options, files });
  return { host, keyring: openFileKeyring(host, { folder: STORE, passphrase, mayPrompt }) };
}

Deno.test("a file store asks for its passphrase once, and not before it is needed", async () => {
  const { host, keyring } = await open({ answers: ["good"] });
  assert.deepEqual([await keyring.keys(), await keyring.has("work")], [["work", "home"], true]);
  assert.equal(await keyring.get("nobody"), undefined);
  assert.deepEqual(host.terminal.shown, []);
  const both = await Promise.all([keyring.get("work"), keyring.get("home")]);
  assert.deepEqual(both, [bytes("x"), bytes("y")]);
  await keyring.set("work", item("z"));
  assert.deepEqual(host.terminal.shown, [UNLOCK]);
  host.terminal.assertUsedUp();
});

Deno.test("a passphrase may be mistyped twice", async () => {
  const { host, keyring } = await open({ answers: ["godo", "", "good"] });
  assert.deepEqual(await keyring.get("work"), bytes("x"));
  assert.deepEqual(host.terminal.shown, [UNLOCK, AGAIN, UNLOCK, AGAIN, UNLOCK]);
  const { host: other, keyring: refused } = await open({ answers: ["1", "2", "3"] });
  await assert.rejects(refused.set("new", item("z")), { code: "wrong-passphrase", hints: [] });
  other.terminal.assertUsedUp();
});

Deno.test("two readers at once share the second try, too", async () => {
  const { host, keyring } = await open({ answers: ["godo", "good"] });
  const write = host.terminal.write.bind(host.terminal);
  // As a terminal does, so that the second reader is there before the first one may try again.
  host.terminal.write = async (text) => {
    await new Promise((resolve) => setTimeout(resolve));
    await write(text);
  };
  const both = await Promise.all([keyring.get("work"), keyring.get("home")]);
  assert.deepEqual(both, [bytes("x"), bytes("y")]);
  assert.deepEqual(host.terminal.shown, [UNLOCK, AGAIN, UNLOCK]);
  host.terminal.assertUsedUp();
});

Deno.test("a new store's passphrase is typed twice, and is not empty", async () => {
  const answers = ["", "one", "other", "good", "good"];
  const { host, keyring } = await open({ items: {}, answers });
  await keyring.set("work", item("x"));
  assert.deepEqual(await keyring.get("work"), bytes("x"));
  assert.deepEqual(host.terminal.shown, [
    CHOOSE,
    "The passphrase must not be empty\n",
    CHOOSE,
    REPEAT,
    "The two do not match\n",
    CHOOSE,
    REPEAT,
  ]);
  host.terminal.assertUsedUp();
});

Deno.test("a new store is not made with a passphrase that was never typed twice alike", async () => {
  const { host, keyring } = await open({ items: {}, answers: ["1", "2", "3", "4", "", ""] });
  await assert.rejects(keyring.set("work", item("x")), { code: "wrong-passphrase" });
  assert.deepEqual(host.files.snapshot(), {});
});

Deno.test("Ctrl-C at the passphrase ends the command and changes nothing", async () => {
  const { host, keyring } = await open({ answers: [undefined] });
  const before = host.files.snapshot();
  await assert.rejects(keyring.set("work", item("x")), { code: "interrupted" });
  assert.deepEqual(host.files.snapshot(), before);
});

Deno.test("without a terminal, or with prompts forbidden, a file store names the other ways in", async () => {
  const noTerminal = await open();
  const noPrompt = await open({ mayPrompt: false, answers: [] });
  const hints = [
    "Set AWS_VAULT_FILE_PASSPHRASE",
    "Use --passphrase-command with a program that prints the passphrase",
    "Use --passphrase-fd with the number of an open descriptor to read it from",
  ];
  const message = `Cannot open the file store "${STORE}": it needs a passphrase, and`;
  await assert.rejects(noTerminal.keyring.get("work"), {
    code: "needs-person",
    message: `${message} there is no terminal to ask on`,
    hints,
  });
  await assert.rejects(noPrompt.keyring.set("work", item("x")), {
    code: "needs-person",
    message: `${message} prompts are turned off`,
    hints,
  });
  const windows = { ...noTerminal.host, platform: memoryPlatform({ os: "windows" }) };
  const there = openFileKeyring(windows, { folder: STORE, passphrase: {}, mayPrompt: true });
  await assert.rejects(there.get("work"), { code: "needs-person", hints: hints.slice(0, 2) });
});

Deno.test("a passphrase comes from a descriptor, a command or the environment, in this order", async () => {
  const env = { AWS_VAULT_FILE_PASSPHRASE: "bad", HOME: "/home/test" };
  const files = { "/dev/fd/7": "good\n" };
  const run = () => ({ stdout: bytes("good\r\n") });
  const descriptor = await open({ env, files, run, passphrase: { descriptor: 7, command: "no" } });
  assert.deepEqual(await descriptor.keyring.get("work"), bytes("x"));
  assert.deepEqual(descriptor.host.ran, []);

  const command = await open({ env, run, passphrase: { command: `pass show "my vault"` } });
  assert.deepEqual(await command.keyring.get("work"), bytes("x"));
  await command.keyring.set("work", item("y"));
  assert.deepEqual(command.host.ran, [{
    command: "pass",
    args: ["show", "my vault"],
    env: { HOME: "/home/test" },
    stderr: "inherit",
    timeoutMs: 50_000,
  }]);

  const environment = await open({ env: { AWS_VAULT_FILE_PASSPHRASE: "good" }, answers: [] });
  assert.deepEqual(await environment.keyring.get("work"), bytes("x"));
  // An empty one is one, and nobody is asked.
  const empty = await open({ env: { AWS_VAULT_FILE_PASSPHRASE: "" }, answers: [] });
  await assert.rejects(empty.keyring.get("work"), { code: "wrong-passphrase" });
});

Deno.test("only one line end is taken off a passphrase", async () => {
  const items = {};
  const files = { "/dev/fd/7": "two\n\n" };
  const { keyring } = await open({ items, files, passphrase: { descriptor: 7 } });
  await keyring.set("work", item("x"));
  const { keyring: same } = await open({ items, env: { AWS_VAULT_FILE_PASSPHRASE: "two\n" } });
  assert.equal(await same.get("work"), undefined);
  assert.deepEqual(await keyring.get("work"), bytes("x"));
});

Deno.test("a passphrase command that fails is named without its arguments", async () => {
  const cases: [run: () => { code?: number; stdout?: Uint8Array<ArrayBuffer> }, reason: string][] =
    [
      [() => ({ code: 3, stdout: bytes("good") }), "it ended with exit code 3"],
      [() => ({ stdout: bytes("\n") }), "it printed nothing"],
      [() => {
        throw new ProgramFailure("not-found", "there is no such program");
      }, "there is no such program"],
    ];
  for (const [run, reason] of cases) {
    const { keyring } = await open({ run, passphrase: { command: "tool --token SECRET" } });
    await assert.rejects(keyring.get("work"), {
      code: "helper-failed",
      message: `The passphrase command "tool" failed: ${reason}`,
    });
  }
});

Deno.test("an empty or missing passphrase source is an error, not an empty passphrase", async () => {
  const empty = await open({
    items: {},
    files: { "/dev/fd/7": "\n" },
    passphrase: { descriptor: 7 },
  });
  await assert.rejects(empty.keyring.set("work", item("x")), { code: "bad-usage" });
  const closed = await open({ passphrase: { descriptor: 8 } });
  await assert.rejects(closed.keyring.get("work"), { code: "bad-usage" });
  const blank = await open({ passphrase: { command: " " } });
  await assert.rejects(blank.keyring.get("work"), { code: "bad-usage" });
});

Deno.test("a person who chooses a passphrase while another makes the store is asked for that one", async () => {
  const { host, keyring } = await open({ items: {}, answers: ["mine", "mine", "theirs"] });
  const theirs = await sealedItems({ work: "x" }, "theirs");
  const { ask } = host.terminal;
  host.terminal.ask = async (...question) => {
    for (const [path, text] of Object.entries(theirs)) host.files.writeWhole(path, text);
    return await ask.apply(host.terminal, question);
  };
  await keyring.set("home", item("y"));
  assert.deepEqual(host.terminal.shown, [CHOOSE, REPEAT, AGAIN, UNLOCK]);
  assert.deepEqual([await keyring.get("work"), await keyring.get("home")], [
    bytes("x"),
    bytes("y"),
  ]);
});

Deno.test("nothing is written with a passphrase that was changed while the writer waited", async () => {
  const { host, keyring } = await open({ env: { AWS_VAULT_FILE_PASSPHRASE: "good" } });
  const changed = await sealedItems({ work: "x", home: "y" }, "changed");
  const { tryLock } = host.files;
  host.files.tryLock = (path) => {
    for (const [file, text] of Object.entries(changed)) host.files.writeWhole(file, text);
    return tryLock.call(host.files, path);
  };
  await assert.rejects(keyring.set("work", item("z")), { code: "wrong-passphrase" });
  assert.deepEqual(host.files.snapshot(), { ...changed, [`${STORE}.lock`]: "" });
});
