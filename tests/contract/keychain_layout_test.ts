import assert from "node:assert/strict";
import { probeKeychain } from "../../backends/keychain/keyring.ts";
import { requireCompiler } from "../fakes/compile_c.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import { KeychainStandIn, macHost, openOn, type StoredItem } from "./keychain_stand_in.ts";

// A library for each test, which cannot be unloaded.
const options = { ...requireCompiler(), sanitizeResources: false };
const test = (name: string, fn: (standIn: KeychainStandIn) => Promise<void>, isNew = false) =>
  Deno.test(`keychain: ${name}`, options, async () => {
    await using standIn = await KeychainStandIn.make({ isNew });
    await fn(standIn);
  });

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const DATA = `{"AccessKeyID":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"${SECRET}"}`;
const bytes = (text: string) => new TextEncoder().encode(text);
const item = { data: bytes(DATA), label: "aws-vault (größe)" };
const stored = (changes: Partial<StoredItem> = {}): StoredItem => ({
  service: "aws-vault",
  account: "größe",
  label: "aws-vault (größe)",
  description: "",
  data: DATA,
  trusted: "aws-vault",
  ...changes,
});

test("an item is as the contract describes it, and trusts this program", async (standIn) => {
  const keyring = openOn(macHost(standIn, "library"), standIn, { mayPrompt: false });
  assert.equal(keyring.location, `keychain ${standIn.keychain}`);
  await keyring.set("größe", item);
  assert.deepEqual(standIn.items(), [stored()]);
  await keyring.set("größe", { data: bytes("new"), label: "other", description: "why" });
  assert.deepEqual(standIn.items(), [stored({ data: "new", label: "other", description: "why" })]);
  await keyring.set("größe", { data: new Uint8Array(), label: "other" });
  assert.deepEqual(standIn.items(), [stored({ data: "", label: "other" })]);
  keyring.close();
});

test("aws-vault 7's item is read, and stays for others as it was", async (standIn) => {
  const mail = stored({ service: "Mail", account: "work", trusted: "Mail" });
  standIn.plant(mail);
  standIn.plant(stored({ trusted: "" }));
  standIn.answerDialogs("allow");
  const keyring = openOn(macHost(standIn, "library"), standIn);
  assert.deepEqual(await keyring.keys(), ["größe"]);
  assert.equal(await keyring.has("work"), false);
  assert.deepEqual(standIn.takeCalls().filter((call) => call.startsWith("dialog")), []);
  assert.deepEqual(await keyring.get("größe"), item.data);
  assert.ok(standIn.takeCalls().includes("dialog trust"));
  await keyring.set("größe", { ...item, data: bytes("new") });
  assert.deepEqual(standIn.items(), [mail, stored({ data: "new", trusted: "" })]);
  keyring.close();
});

test("has and keys read no secret, and a read reads one", async (standIn) => {
  for (const way of ["library", "program"] as const) {
    if (way === "library") {
      for (let i = 0; i < 50; i++) standIn.plant(stored({ account: `${i}` }));
    }
    standIn.answerDialogs("allow");
    const keyring = openOn(macHost(standIn, way), standIn);
    const secretReads = () =>
      standIn.takeCalls().filter((call) => /^(secret read|dialog)/.test(call));
    assert.equal((await keyring.keys()).length, 50);
    assert.equal(await keyring.has("7"), true);
    assert.equal(await keyring.has("nobody"), false);
    assert.equal(await keyring.get("nobody"), undefined);
    assert.deepEqual(secretReads(), []);
    await keyring.get("7");
    assert.deepEqual(
      secretReads(),
      way === "library" ? ["secret read"] : [
        "dialog trust",
        "secret read",
      ],
    );
    keyring.close();
  }
});

test("a cached export's read is two calls of the library", async (standIn) => {
  standIn.plant(stored());
  const keyring = openOn(macHost(standIn, "library"), standIn, { mayPrompt: false });
  await keyring.get("größe");
  assert.deepEqual(standIn.takeCalls(), [
    "SecKeychainOpen",
    "reference made",
    "SecKeychainFindGenericPassword",
    "secret read",
    "secret freed",
  ]);
  keyring.close();
});

test("every reference and secret that the library gave goes back", async (standIn) => {
  const keyring = openOn(macHost(standIn, "library"), standIn, { mayPrompt: false });
  await keyring.set("one", item);
  await keyring.set("one", item);
  await keyring.get("one");
  await keyring.has("one");
  standIn.script("SecKeychainItemModifyAttributesAndData", -25293);
  await assert.rejects(() => keyring.set("one", item));
  await keyring.remove("one");
  await keyring.close();
  const calls = standIn.takeCalls();
  const count = (call: string) => calls.filter((made) => made === call).length;
  assert.ok(count("reference made") > 4);
  assert.equal(count("reference released"), count("reference made"));
  assert.equal(count("secret read"), 1);
  assert.equal(count("secret freed"), 1);
});

test("what the library stores the program reads, and the other way", async (standIn) => {
  standIn.answerDialogs("allow");
  const library = openOn(macHost(standIn, "library"), standIn);
  const program = openOn(macHost(standIn, "program"), standIn);
  const awkward = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (
    const [key, data] of [["größe", item.data], ["hex", bytes("abcd")], ["any", awkward]] as const
  ) {
    for (const [writer, reader] of [[library, program], [program, library]] as const) {
      await writer.set(key, { ...item, data });
      assert.deepEqual(await reader.get(key), data);
      assert.deepEqual(await reader.keys(), [key]);
      assert.equal(await reader.remove(key), true);
      assert.equal(await writer.has(key), false);
    }
  }
  await program.set("größe", item);
  // It trusts nobody: `security` could be run by any process.
  assert.deepEqual(standIn.items(), [stored({ trusted: "" })]);
  await program.set("größe", { ...item, description: "why" });
  assert.deepEqual(standIn.items(), [stored({ trusted: "", description: "why" })]);
  library.close();
});

test("no secret is in an argument of the program", async (standIn) => {
  standIn.answerDialogs("allow");
  const terminal = new ScriptedTerminal(["a password"]);
  const keyring = openOn(macHost(standIn, "program", terminal), standIn);
  await keyring.set("größe", item);
  await keyring.get("größe");
  Deno.removeSync(`${standIn.folder}/dialog`);
  standIn.lock();
  await keyring.set("größe", item);
  terminal.assertUsedUp();
  const found = standIn.takeCalls().filter((call) => call.startsWith("argument "));
  assert.deepEqual(
    [...new Set(found)],
    [
      "find-generic-password",
      "-s",
      "aws-vault",
      "-a",
      "größe",
      standIn.keychain,
      "-i",
      "-g",
    ].map((argument) => `argument ${argument}`),
  );
});

test("data that the program cannot take are refused before it runs", async (standIn) => {
  const keyring = openOn(macHost(standIn, "program"), standIn);
  standIn.takeCalls();
  await assert.rejects(() => keyring.set("work", { ...item, data: new Uint8Array(4_000) }), {
    code: "unsupported",
    message:
      `Cannot store "work" in the keychain ${standIn.keychain}: the line is too long for the program security`,
  });
  assert.ok(!standIn.takeCalls().includes("argument -i"));
});

test("the first use makes the keychain, whose password macOS asks for", async (standIn) => {
  for (const way of ["library", "program"] as const) {
    standIn.answerDialogs("allow");
    const keyring = openOn(macHost(standIn, way), standIn);
    assert.deepEqual(await keyring.keys(), []);
    assert.equal(await keyring.get("größe"), undefined);
    assert.equal(await keyring.has("größe"), false);
    assert.equal(await keyring.remove("größe"), false);
    assert.deepEqual(standIn.takeCalls().filter((call) => call.startsWith("dialog")), []);
    await keyring.set("größe", item);
    assert.deepEqual(
      standIn.takeCalls().filter((call) => call.startsWith("dialog")),
      ["dialog create"],
    );
    assert.deepEqual(standIn.items().map(({ data }) => data), [DATA]);
    keyring.close();
    Deno.removeSync(standIn.keychain);
  }
}, true);

test("without a desktop the terminal asks for the new password, twice", async (standIn) => {
  for (const way of ["library", "program"] as const) {
    const differ = new ScriptedTerminal(["one", "two"]);
    const wrong = openOn(macHost(standIn, way, differ), standIn);
    await assert.rejects(() => wrong.set("größe", item), { code: "wrong-passphrase" });
    const terminal = new ScriptedTerminal(['a "pass" \\word', 'a "pass" \\word']);
    const keyring = openOn(macHost(standIn, way, terminal), standIn);
    await keyring.set("größe", item);
    terminal.assertUsedUp();
    assert.deepEqual(terminal.shown, [
      'Choose a password for the new keychain "aws-vault": (hidden)',
      "Type it again: (hidden)",
    ]);
    assert.ok(standIn.takeCalls().includes('created with a "pass" \\word'));
    keyring.close();
    wrong.close();
    Deno.removeSync(standIn.keychain);
  }
}, true);

test("a new keychain is not made where nobody may be asked", async (standIn) => {
  const keyring = openOn(macHost(standIn, "library"), standIn, { mayPrompt: false });
  await assert.rejects(() => keyring.set("größe", item), {
    code: "needs-person",
    hints: [`Create it first: security create-keychain ${standIn.keychain}`],
  });
  keyring.close();
}, true);

test("--keychain names another file, with or without its ending", (standIn) => {
  const folder = `${standIn.home}/Library/Keychains`;
  for (
    const [keychain, path] of [
      ["work", `${folder}/work.keychain-db`],
      ["work.keychain", `${folder}/work.keychain-db`],
      ["work.keychain-db", `${folder}/work.keychain-db`],
      [`${standIn.home}/elsewhere`, `${standIn.home}/elsewhere.keychain-db`],
      ["", `${folder}/aws-vault.keychain-db`],
    ] as const
  ) {
    const keyring = openOn(macHost(standIn, "library"), standIn, { keychain });
    assert.equal(keyring.location, `keychain ${path}`);
  }
  for (const keychain of ["../login", "a/../b", ".keychain"]) {
    const open = () => openOn(macHost(standIn, "library"), standIn, { keychain });
    assert.throws(open, { code: "bad-usage" });
  }
  return Promise.resolve();
});

test("--biometrics warns that it has no effect", (standIn) => {
  const host = macHost(standIn, "library");
  openOn(host, standIn, { biometrics: true });
  assert.deepEqual(host.talk.lines, [
    "warning: --biometrics has no effect: the keychain asks for its password, not for Touch ID",
  ]);
  return Promise.resolve();
});

test("the probe says why there are no keychains, and asks nothing", async (standIn) => {
  const program = `${standIn.folder}/security`;
  assert.equal(await probeKeychain(macHost(standIn, "library"), "/nowhere/security"), undefined);
  assert.equal(await probeKeychain(macHost(standIn, "program"), program), undefined);
  assert.equal(
    await probeKeychain(macHost(standIn, "program"), "/nowhere/security"),
    "neither Security.framework nor the program security is on this machine",
  );
  assert.deepEqual(standIn.takeCalls(), []);
  return Promise.resolve();
});
