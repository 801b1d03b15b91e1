import assert from "node:assert/strict";
import { probeWincred } from "../../backends/wincred/keyring.ts";
import type { VaultError } from "../../src/errors.ts";
import { requireCompiler } from "../fakes/compile_c.ts";
import { runTogether } from "./processes.ts";
import { openIn, WincredStandIn, windowsHost } from "./wincred_stand_in.ts";

// A library for each test, which cannot be unloaded.
const options = { ...requireCompiler(), sanitizeResources: false };
const test = (name: string, fn: (standIn: WincredStandIn) => Promise<void>) =>
  Deno.test(`wincred: ${name}`, options, async () => {
    await using standIn = await WincredStandIn.make();
    await fn(standIn);
  });

const bytes = (text: string) => new TextEncoder().encode(text);
const DATA = bytes('{"AccessKeyID":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalr"}');
const item = (data: Uint8Array) => ({ data, label: "aws-vault (work)" });
const LOCAL_MACHINE = 2;

test("a credential is as the contract describes it", async (standIn) => {
  await openIn(standIn.folder).set("größe/日本", item(DATA));
  assert.deepEqual(standIn.credentials(), [
    { targetName: "aws-vault:aws-vault:größe/日本", persist: LOCAL_MACHINE, blob: DATA },
  ]);
});

test("aws-vault 7's credentials are read, and nobody else's are touched", async (standIn) => {
  standIn.plant("git:https://example.com", bytes("git"));
  standIn.plant("aws-vault:other:work", bytes("other"));
  standIn.plant("aws-vault:aws-vault:work", DATA);
  standIn.plant("aws-vault:aws-vault:empty", new Uint8Array());
  const keyring = openIn(standIn.folder);
  assert.deepEqual((await keyring.keys()).sort(), ["empty", "work"]);
  assert.deepEqual(await keyring.get("work"), DATA);
  assert.deepEqual(await keyring.get("empty"), new Uint8Array());
  await keyring.remove("work");
  await keyring.remove("empty");
  assert.deepEqual(standIn.credentials().map(({ targetName }) => targetName).sort(), [
    "aws-vault:other:work",
    "git:https://example.com",
  ]);
});

test("a key that differs in case gets a name of its own, and keeps it", async (standIn) => {
  standIn.plant("aws-vault:aws-vault:Work", bytes("theirs"));
  const keyring = openIn(standIn.folder);
  assert.equal(await keyring.has("work"), false);
  assert.equal(await keyring.get("work"), undefined);
  assert.equal(await keyring.remove("work"), false);
  await keyring.set("work", item(bytes("ours")));
  const names = () => standIn.credentials().map(({ targetName }) => targetName).sort();
  assert.deepEqual(names(), [
    "aws-vault:aws-vault-key:0077006f0072006b",
    "aws-vault:aws-vault:Work",
  ]);
  assert.deepEqual((await keyring.keys()).sort(), ["Work", "work"]);
  assert.deepEqual(await keyring.get("Work"), bytes("theirs"));
  // When the plain name becomes free, the next write takes it, and the old one goes.
  await keyring.remove("Work");
  assert.deepEqual(await keyring.get("work"), bytes("ours"));
  await keyring.set("work", item(bytes("again")));
  assert.deepEqual(names(), ["aws-vault:aws-vault:work"]);
  assert.deepEqual(await keyring.get("work"), bytes("again"));
});

test("a cached export's read is one call of the library", async (standIn) => {
  standIn.plant("aws-vault:aws-vault:work", DATA);
  await openIn(standIn.folder).get("work");
  assert.deepEqual(standIn.takeCalls(), ["CredReadW", "CredFree"]);
});

test("has and keys do not look at blobs", async (standIn) => {
  standIn.plant("aws-vault:aws-vault:work", DATA);
  await openIn(standIn.folder).set("large", item(new Uint8Array(2_560)));
  standIn.control("hide");
  // In processes of their own, since a look at a blob would end them.
  const script = new URL("wincred_process.ts", import.meta.url).href;
  const ends = await runTogether(script, ["names", "get"].map((what) => [standIn.folder, what]));
  assert.deepEqual(ends, ["exit 0", "SIGSEGV"]);
});

test("data that no credential holds are refused, and the item stays as it was", async (standIn) => {
  const keyring = openIn(standIn.folder);
  await keyring.set("work", item(DATA));
  await assert.rejects(() => keyring.set("work", item(new Uint8Array(2_561))), {
    code: "unsupported",
    message: 'Cannot store "work" in the Windows Credential Manager: a credential holds ' +
      "2,560 bytes at most, and this one has 2,561",
    hints: ["Choose another keystore, such as the encrypted file store: --backend=file"],
  });
  assert.deepEqual(await keyring.get("work"), DATA);
});

test("a kill between writing the one name and removing the other leaves the new data", async (standIn) => {
  standIn.plant("aws-vault:aws-vault-key:0077006f0072006b", bytes("old"));
  standIn.control("die-at", "2");
  const script = new URL("wincred_process.ts", import.meta.url).href;
  assert.deepEqual(await runTogether(script, [[standIn.folder, "set"]]), ["SIGKILL"]);
  Deno.removeSync(`${standIn.folder}/die-at`);
  assert.equal(standIn.credentials().length, 2);
  const keyring = openIn(standIn.folder);
  assert.deepEqual([await keyring.keys(), await keyring.get("work")], [["work"], bytes("new")]);
  assert.equal(await keyring.remove("work"), true);
  assert.deepEqual(standIn.credentials(), []);
});

test("everything that the library gave goes back", async (standIn) => {
  const keyring = openIn(standIn.folder);
  await keyring.set("large", item(new Uint8Array(2_560)));
  standIn.takeCalls();
  await keyring.get("large");
  await keyring.has("large");
  await keyring.keys();
  const calls = standIn.takeCalls();
  const count = (name: string) => calls.filter((call) => call === name).length;
  assert.deepEqual([count("CredReadW"), count("CredEnumerateW")], [2, 2]);
  // One enumeration found nothing, and gave nothing.
  assert.equal(count("CredFree"), 3);
});

test("each error has its message and exit code", async (standIn) => {
  const keyring = openIn(standIn.folder);
  const cases = [
    [
      1312,
      "keyring-unavailable",
      "this logon session has no credential store (Windows error 1312)",
    ],
    [5, "keyring-failed", "access is denied (Windows error 5)"],
    [87, "keyring-failed", "a name or size is not valid (Windows error 87)"],
    [1783, "keyring-failed", "the data is too long (Windows error 1783)"],
    [1722, "keyring-failed", "it failed (Windows error 1722)"],
  ] as const;
  for (const [error, code, reason] of cases) {
    for (
      const [call, doing, act] of [
        ["CredReadW", 'read "work" from', () => keyring.get("work")],
        ["CredReadW", 'look for "work" in', () => keyring.has("work")],
        ["CredReadW", 'remove "work" from', () => keyring.remove("work")],
        ["CredWriteW", 'store "work" in', () => keyring.set("work", item(DATA))],
        ["CredEnumerateW", "list the keys in", () => keyring.keys()],
      ] as const
    ) {
      standIn.script(call, error);
      await assert.rejects(act, (failure: VaultError) => {
        assert.deepEqual([failure.code, failure.exitCode, failure.message], [
          code,
          1,
          `Cannot ${doing} the Windows Credential Manager: ${reason}`,
        ]);
        assert.equal(failure.hints.length, error === 1312 || error === 5 ? 2 : 0);
        return true;
      });
    }
  }
});

test("where the runtime loses the reason, the list says what is absent", async (standIn) => {
  standIn.plant("git:https://example.com", bytes("git"));
  standIn.plant("aws-vault:aws-vault:work", DATA);
  standIn.control("lose");
  const keyring = openIn(standIn.folder);
  assert.equal(await keyring.get("home"), undefined);
  assert.equal(await keyring.has("home"), false);
  assert.equal(await keyring.remove("home"), false);
  assert.deepEqual(await keyring.get("work"), DATA);
  const lost = /Cannot read "work" from the Windows .*: the reason from Windows was lost$/;
  standIn.script("CredReadW", 5);
  await assert.rejects(() => keyring.get("work"), { code: "keyring-failed", message: lost });
  await keyring.set("home", item(DATA));
  assert.deepEqual((await keyring.keys()).sort(), ["home", "work"]);
  for (const key of ["home", "work"]) assert.equal(await keyring.remove(key), true);
  // Nothing to go by: not taken for an empty store.
  Deno.removeSync(`${standIn.folder}/credentials`);
  await assert.rejects(() => keyring.keys(), { code: "keyring-failed" });
});

test("the probe says why there is no store, and changes nothing", async (standIn) => {
  assert.equal(await probeWincred(windowsHost(standIn.folder)), undefined);
  standIn.script("CredReadW", 1312);
  assert.equal(
    await probeWincred(windowsHost(standIn.folder)),
    "this logon session has no credential store (Windows error 1312)",
  );
  assert.deepEqual(standIn.takeCalls(), ["CredReadW", "CredReadW"]);
  assert.equal(
    await probeWincred(windowsHost("/nowhere")),
    "the library advapi32.dll is not on this machine",
  );
  return Promise.resolve();
});
