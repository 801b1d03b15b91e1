import assert from "node:assert/strict";
import { VaultError } from "../../src/errors.ts";
import { requireCompiler } from "../fakes/compile_c.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import { KeychainStandIn, macHost, openOn } from "./keychain_stand_in.ts";

// A library for each test, which cannot be unloaded.
const options = { ...requireCompiler(), sanitizeResources: false };
const test = (name: string, fn: (standIn: KeychainStandIn) => Promise<void>) =>
  Deno.test(`keychain: ${name}`, options, async () => {
    await using standIn = await KeychainStandIn.make();
    standIn.plant({
      service: "aws-vault",
      account: "work",
      label: "aws-vault (work)",
      description: "",
      data: "the secret",
      trusted: "aws-vault",
    });
    await fn(standIn);
  });
const secret = new TextEncoder().encode("the secret");

async function failureOf(action: Promise<unknown>): Promise<VaultError> {
  try {
    await action;
  } catch (error) {
    assert.ok(error instanceof VaultError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "it did not fail" });
}

const CASES: readonly [status: number, code: string, exitCode: number, reason: string][] = [
  [-25308, "keyring-locked", 4, "User interaction is not allowed (-25308)"],
  [-25315, "keyring-locked", 4, "OSStatus -25315"],
  [-25320, "keyring-locked", 4, "OSStatus -25320"],
  [-25293, "keyring-locked", 4, "the user name or passphrase you entered is not correct (-25293)"],
  [-128, "interrupted", 130, "its dialog was dismissed"],
  [-50, "keyring-failed", 1, "One or more parameters passed to a function were not valid (-50)"],
  [-25291, "keyring-unavailable", 1, "OSStatus -25291"],
  [-67671, "keyring-failed", 1, "an error\u001b[31m of others é (-67671)"],
  [-99999, "keyring-failed", 1, "OSStatus -99999"],
];

test("each OSStatus has its message and exit code", async (standIn) => {
  const keyring = openOn(macHost(standIn, "library"), standIn);
  for (const [status, code, exitCode, reason] of CASES) {
    for (
      const [doing, act] of [
        ['read "work" from', () => keyring.get("work")],
        ['look for "work" in', () => keyring.has("work")],
        ['store "work" in', () => keyring.set("work", { data: secret, label: "x" })],
        ['remove "work" from', () => keyring.remove("work")],
      ] as const
    ) {
      standIn.script("SecKeychainFindGenericPassword", status);
      const failure = await failureOf(act());
      assert.deepEqual(
        [failure.code, failure.exitCode, failure.message],
        [code, exitCode, `Cannot ${doing} the keychain ${standIn.keychain}: ${reason}`],
      );
      assert.ok(code === "keyring-failed" || failure.hints.length > 0, reason);
    }
  }
  assert.deepEqual(await keyring.get("work"), secret);
  keyring.close();
});

test("absent is what there is none of, and nothing else", async (standIn) => {
  const keyring = openOn(macHost(standIn, "library"), standIn);
  for (const status of [-25300, -25294]) {
    for (const act of ["get", "has", "remove"] as const) {
      standIn.script("SecKeychainFindGenericPassword", status);
      assert.equal(await keyring[act]("work"), act === "get" ? undefined : false);
    }
  }
  keyring.close();
});

test("each exit code of the program has its message", async (standIn) => {
  standIn.answerDialogs("allow");
  const keyring = openOn(macHost(standIn, "program"), standIn);
  for (const [status, code] of CASES.filter(([status]) => status > -60_000 && status !== -25291)) {
    standIn.script("find-generic-password", status);
    const failure = await failureOf(keyring.get("work"));
    assert.equal(failure.code, code, String(status));
    assert.ok(failure.message.startsWith('Cannot read "work" from the keychain /'));
    assert.ok(code === "interrupted" || failure.message.includes(`(${status})`), failure.message);
  }
  standIn.script("dump-keychain", -25293);
  const failure = await failureOf(keyring.keys());
  assert.deepEqual([failure.code, failure.message], [
    "keyring-failed",
    `Cannot list the keys in the keychain ${standIn.keychain}: security: dump-keychain: The user name or passphrase you entered is not correct.`,
  ]);
});

test("a writer that was faster is not a failure", async (standIn) => {
  const keyring = openOn(macHost(standIn, "library"), standIn);
  standIn.script("SecKeychainFindGenericPassword", -25300);
  standIn.script("SecKeychainAddGenericPassword", -25299);
  await keyring.set("work", { data: new TextEncoder().encode("new"), label: "x" });
  assert.deepEqual(standIn.items().map(({ account, data }) => [account, data]), [["work", "new"]]);
  keyring.close();
});

test("locked and nobody there: exit 4 with the way out", async (standIn) => {
  standIn.lock();
  const keyring = openOn(macHost(standIn, "library"), standIn);
  const failure = await failureOf(keyring.get("work"));
  assert.deepEqual([failure.code, failure.exitCode, failure.hints], ["keyring-locked", 4, [
    `Unlock it in this login session: security unlock-keychain ${standIn.keychain}`,
    "Or run it once in the desktop session and choose Always Allow, if the item was stored by another program",
    "Or choose a keystore that needs no desktop: --backend=file",
  ]]);
  keyring.close();
});

test("one dialog unlocks for all calls", async (standIn) => {
  standIn.lock();
  standIn.answerDialogs("allow");
  const keyring = openOn(macHost(standIn, "library"), standIn);
  assert.deepEqual(await keyring.get("work"), secret);
  await keyring.set("work", { data: secret, label: "x" });
  assert.deepEqual(await keyring.get("work"), secret);
  const dialogs = standIn.takeCalls().filter((call) => call.startsWith("dialog"));
  assert.deepEqual(dialogs, ["dialog unlock"]);
  keyring.close();
});

test("no dialog comes up where nobody may be asked", async (standIn) => {
  standIn.lock();
  standIn.answerDialogs("allow");
  for (const way of ["library", "program"] as const) {
    const terminal = new ScriptedTerminal([]);
    const keyring = openOn(macHost(standIn, way, terminal), standIn, { mayPrompt: false });
    assert.equal((await failureOf(keyring.get("work"))).code, "keyring-locked");
    assert.equal(
      (await failureOf(keyring.set("work", { data: secret, label: "x" }))).code,
      "keyring-locked",
    );
    keyring.close();
  }
  assert.deepEqual(standIn.takeCalls().filter((call) => call.startsWith("dialog")), []);
});

test("without a desktop the terminal asks once, for calls at the same time too", async (standIn) => {
  for (const way of ["library", "program"] as const) {
    if (way === "program") {
      // Its items trust nobody; what is tried here is the unlock.
      Deno.writeTextFileSync(standIn.keychain, "");
      standIn.plant({
        service: "aws-vault",
        account: "work",
        label: "",
        description: "",
        data: "the secret",
        trusted: "security",
      });
    }
    standIn.lock("it's a \"pass\\word");
    const terminal = new ScriptedTerminal(["it's a \"pass\\word"]);
    const keyring = openOn(macHost(standIn, way, terminal), standIn);
    const results = await Promise.all([1, 2, 3].map(() => keyring.get("work")));
    assert.deepEqual(results, [secret, secret, secret]);
    assert.deepEqual(terminal.shown, [
      'Enter the password of the keychain "aws-vault": (hidden)',
    ]);
    keyring.close();
  }
});

test("a wrong password at the terminal is asked for once, and reported", async (standIn) => {
  standIn.lock();
  const terminal = new ScriptedTerminal(["wrong"]);
  const keyring = openOn(macHost(standIn, "library", terminal), standIn);
  for (let i = 0; i < 2; i++) {
    const failure = await failureOf(keyring.get("work"));
    assert.deepEqual([failure.code, failure.message], [
      "wrong-passphrase",
      'Cannot unlock the keychain "aws-vault": the password is wrong',
    ]);
  }
  assert.equal(terminal.shown.length, 1);
  keyring.close();
});

test("no password is asked for where the item trusts another program", async (standIn) => {
  standIn.plant({
    service: "aws-vault",
    account: "theirs",
    label: "",
    description: "",
    data: "",
    trusted: "",
  });
  const terminal = new ScriptedTerminal([]);
  const keyring = openOn(macHost(standIn, "library", terminal), standIn);
  assert.equal((await failureOf(keyring.get("theirs"))).code, "keyring-locked");
  assert.deepEqual(terminal.shown, []);
  keyring.close();
});

test("Ctrl-C at the terminal is an interruption", async (standIn) => {
  standIn.lock();
  const terminal = new ScriptedTerminal([undefined]);
  const keyring = openOn(macHost(standIn, "library", terminal), standIn);
  assert.equal((await failureOf(keyring.get("work"))).exitCode, 130);
  keyring.close();
});

test("a dialog that nobody answers ends with the time limit", async (standIn) => {
  standIn.lock();
  standIn.answerDialogs("hang");
  // The call itself cannot be ended, only the process: so this has one of its own.
  const script = new URL("keychain_hang_process.ts", import.meta.url).pathname;
  const { folder, home } = standIn;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", script, JSON.stringify({ folder, home })],
    stderr: "inherit",
  }).output();
  assert.equal(code, 4);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
    code: "keyring-locked",
    message: `Cannot read "work" from the keychain ${standIn.keychain}: it does not answer`,
    hints: [
      "Look for a macOS dialog that is waiting for an answer",
      `Or unlock it in this login session: security unlock-keychain ${standIn.keychain}`,
    ],
  });
  assert.ok(standIn.takeCalls().includes("dialog unlock"));
});

test("no hint says to delete the keychain of the login", async (standIn) => {
  const path = `${standIn.home}/Library/Keychains/login.keychain-db`;
  await Deno.writeTextFile(path, "");
  const hints = async (keychain?: string) => {
    const keyring = openOn(macHost(standIn, "library"), standIn, { keychain });
    standIn.script("SecKeychainFindGenericPassword", -25293);
    const failure = await failureOf(keyring.get("work"));
    await keyring.close();
    return failure.hints;
  };
  const typeIt =
    "Type the password that the keychain was created with; it can differ from the login password";
  assert.deepEqual(await hints("login"), [typeIt]);
  assert.deepEqual(await hints(), [
    typeIt,
    `A forgotten one cannot be recovered: security delete-keychain ${standIn.keychain} ` +
    "removes the keychain with all its keys, and aws-vault add creates a new one",
  ]);
});

test("in the keychain of the login, ours are ours and the others stay", async (standIn) => {
  await Deno.writeTextFile(`${standIn.home}/Library/Keychains/login.keychain-db`, "");
  const keyring = openOn(macHost(standIn, "library"), standIn, { keychain: "login" });
  await keyring.set("home", { data: secret, label: "aws-vault (home)" });
  assert.deepEqual(await keyring.keys(), ["home"]);
  assert.deepEqual(await keyring.get("home"), secret);
  // The key of the keychain of our own is not there.
  assert.equal(await keyring.has("work"), false);
  assert.equal(await keyring.remove("home"), true);
  assert.deepEqual(await keyring.keys(), []);
  await keyring.close();
});
