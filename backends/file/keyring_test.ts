import assert from "node:assert/strict";
import { fileStoreHost, sealedItems, sealFast, STORE } from "../../tests/fakes/file_store.ts";
import { JOINABLE_BY_NAME, oneKernelKey } from "../../tests/fakes/one_kernel_key.ts";
import { memoryPlatform } from "../../tests/fakes/memory_host.ts";
import { openFileKeyring, resolveFileFolder } from "./keyring.ts";
import { VaultError } from "../../src/errors.ts";
import { encodeItem } from "../item.ts";

const GOOD = { AWS_VAULT_FILE_PASSPHRASE: "good" };
const bytes = (text: string) => new TextEncoder().encode(text);
const item = (text: string) => ({ data: bytes(text), label: "aws-vault (work)" });

/** A store in memory; whatever is not given is empty, and there is no terminal. */
function open(options: Parameters<typeof fileStoreHost>[0] = {}) {
  const host = fileStoreHost(options);
  const keyring = openFileKeyring(host, { folder: STORE, passphrase: {}, mayPrompt: true });
  return { host, keyring };
}

Deno.test("resolveFileFolder() knows the home folder, and ends without a slash", () => {
  const resolve = (folder: string) => resolveFileFolder(memoryPlatform(), folder);
  assert.equal(resolve("/vault/"), "/vault");
  assert.equal(resolve("~/k//"), "/home/test/k");
  assert.equal(resolve("~"), "/home/test");
  assert.equal(resolve("~other/k"), "~other/k");
  assert.equal(resolve("here"), "here");
  assert.equal(resolve("/"), "/");
  const windows = memoryPlatform({ os: "windows", home: "C:\\Users\\me" });
  assert.equal(resolveFileFolder(windows, "~\\keys\\"), "C:/Users/me/keys");
  assert.equal(resolveFileFolder(windows, "\\\\?\\D:\\k"), "D:/k");
  const homeless = memoryPlatform({ home: undefined });
  assert.throws(() => resolveFileFolder(homeless, "~/keys"), { code: "bad-usage" });
  assert.equal(resolveFileFolder(homeless, "/vault"), "/vault");
});

Deno.test("a file store calls a wrong passphrase wrong, and says where it came from", async () => {
  const files = await sealedItems({ work: "x", home: "y" }, "good");
  const { host, keyring } = open({ files, env: { AWS_VAULT_FILE_PASSPHRASE: "bad" } });
  const wrong = {
    code: "wrong-passphrase",
    message: `Cannot unlock the file store "${STORE}": the passphrase is wrong`,
    hints: ["It was not typed: check AWS_VAULT_FILE_PASSPHRASE"],
  };
  await assert.rejects(keyring.get("work"), wrong);
  await assert.rejects(keyring.set("work", item("z")), wrong);
  await assert.rejects(keyring.set("new", item("z")), wrong);
  assert.deepEqual(host.files.snapshot(), files);
});

Deno.test("who types the passphrase learns why no key stays unlocked, once", async () => {
  for (const [permissions, isSaid] of [[undefined, false], [JOINABLE_BY_NAME, true]] as const) {
    const files = await sealedItems({ work: "x", home: "y" }, "good");
    const host = fileStoreHost({ files, answers: ["good"] });
    const native = { kernelKeys: () => Promise.resolve(oneKernelKey(new Map(), permissions)) };
    const options = { folder: STORE, passphrase: {}, mayPrompt: true, unlockSeconds: 60 };
    const keyring = openFileKeyring({ ...host, native }, options);
    await keyring.get("work");
    await keyring.get("home");
    const lines = host.terminal.shown.filter((text) => text.includes("keyctl session"));
    assert.deepEqual(
      lines,
      isSaid
        ? [
          "Keys do not stay unlocked here, because all of your processes share a session keyring; " +
          "for a shell with its own: keyctl session - bash\n",
        ]
        : [],
    );
  }
});

Deno.test("an item that cannot be read, such as root's, does not stand in the way of others", async () => {
  const files = await sealedItems({ "a-root": "x", work: "y" }, "good");
  const { host, keyring } = open({ files: { ...files, [`${STORE}/.DS_Store`]: "x" }, env: GOOD });
  const read = host.files.readBytes.bind(host.files);
  const closed = new Set([`${STORE}/a-root`, `${STORE}/.DS_Store`]);
  host.files.readBytes = (path) => {
    if (!closed.has(path)) return read(path);
    throw new VaultError("file-failed", `Cannot read "${path}": permission denied`);
  };
  assert.deepEqual((await keyring.keys()).sort(), ["a-root", "work"]);
  await assert.rejects(keyring.get("a-root"), { code: "file-failed" });
  await keyring.set("new", item("z"));
  assert.deepEqual(await keyring.get("new"), bytes("z"));
  // Another passphrase than that of the item that can be read is still wrong.
  const { keyring: other } = open({ files, env: { AWS_VAULT_FILE_PASSPHRASE: "bad" } });
  await assert.rejects(other.set("new", item("z")), { code: "wrong-passphrase" });
});

Deno.test("a file store calls a damaged file damaged, names it and leaves it in place", async () => {
  const path = `${STORE}/work`;
  const good = (await sealedItems({ work: "x" }, "good"))[path]!;
  const damaged = {
    "forty bytes": "x".repeat(40),
    nothing: "",
    "a cut end": good.slice(0, -30),
    "a changed tag": good.slice(0, -4) + (good.at(-4) === "A" ? "B" : "A") + good.slice(-3),
    "another's item": await sealFast(encodeItem("home", item("x")), "good"),
    "no item": await sealFast("SECRET", "good"),
  };
  for (const [what, text] of Object.entries(damaged)) {
    const { host, keyring } = open({ files: { [path]: text }, env: GOOD });
    await assert.rejects(keyring.get("work"), (error: Error & { code: string }) => {
      assert.equal(error.code, "damaged-item", what);
      assert.match(error.message, /^Cannot read "work": its file ".*\/keys\/work" is damaged: /);
      assert.doesNotMatch(error.message, /SECRET/);
      return true;
    });
    assert.deepEqual(host.files.snapshot(), { [path]: text });
    assert.deepEqual(await keyring.keys(), ["work"]);
  }
});

Deno.test("a file store says of a single item that its passphrase may be another one", async () => {
  const files = {
    ...await sealedItems({ work: "x" }, "good"),
    ...await sealedItems({ old: "y" }, "another"),
  };
  const { keyring } = open({ files, env: GOOD });
  await assert.rejects(keyring.get("old"), {
    code: "wrong-passphrase",
    message:
      `Cannot read "old": the passphrase of the other items does not open its file "${STORE}/old"`,
  });
  assert.deepEqual(await keyring.get("work"), bytes("x"));
});

Deno.test("a file store that cannot be read is never shown as empty", async () => {
  const files = await sealedItems({ work: "x" }, "good");
  for (const operation of ["read", "list"] as const) {
    const { host, keyring } = open({ files, env: GOOD });
    host.files.fail(operation);
    await assert.rejects(keyring.keys(), { code: "file-failed" });
  }
  const { host, keyring } = open({ files, env: GOOD });
  host.files.fail("read", `${STORE}/work`);
  await assert.rejects(keyring.get("work"), { code: "file-failed" });
  await assert.rejects(keyring.has("work"), { code: "file-failed" });
});

Deno.test("a file in the place of the store is not an empty store", async () => {
  const { keyring } = open({ files: { [STORE]: "" }, env: GOOD });
  for (const call of [() => keyring.keys(), () => keyring.get("work"), () => keyring.has("work")]) {
    await assert.rejects(call, { code: "file-failed" });
  }
});

Deno.test("a file store does not take other files for keys", async () => {
  const files = {
    ...await sealedItems({ work: "x", ".hidden": "y" }, "good"),
    [`${STORE}/.DS_Store`]: "\0\0\0\x01Bud1",
    [`${STORE}/.aws-vault-0123456789abcdef.tmp`]: "eyJhbGciOi",
    [`${STORE}/100%`]: "not a name that the store gives",
    [`${STORE}/folder/file`]: "",
  };
  const { host, keyring } = open({ files, env: GOOD });
  assert.deepEqual((await keyring.keys()).sort(), [".hidden", "work"]);
  assert.equal(await keyring.has(".DS_Store"), false);
  // It must not look as if nothing were stored under the name.
  await assert.rejects(keyring.has("folder"), { code: "unsafe-file" });
  assert.equal(await keyring.remove("folder"), false);
  assert.equal(await keyring.remove(".DS_Store"), false);
  assert.deepEqual(await keyring.get(".hidden"), bytes("y"));
  assert.deepEqual(host.files.snapshot(), files);
});

Deno.test("a file store keeps names apart that differ in case only, or refuses the second", async () => {
  const files = await sealedItems({ work: "x" }, "good");
  const { host, keyring } = open({ files, env: GOOD });
  const { info, readText } = host.files;
  const fold = (path: string) => path.replace("/Work", "/work");
  host.files.info = (path) => info.call(host.files, fold(path));
  host.files.readText = (path) => readText.call(host.files, fold(path));
  await assert.rejects(keyring.set("Work", item("y")), { code: "conflict" });
  assert.equal(await keyring.remove("Work"), false);
  assert.deepEqual(await keyring.get("work"), bytes("x"));
});

Deno.test("a file store on a disk that is full keeps the old item", async () => {
  const files = await sealedItems({ work: "old" }, "good");
  const { host, keyring } = open({ files, env: GOOD });
  host.files.failAfterEffects(0);
  await assert.rejects(keyring.set("work", item("new")), { code: "file-failed" });
  assert.deepEqual(await keyring.get("work"), bytes("old"));
});

Deno.test("a file store waits for another writer, and says so at the end", async () => {
  const { host, keyring } = open({ files: await sealedItems({ work: "x" }, "good"), env: GOOD });
  const lock = host.files.tryLock(`${STORE}.lock`)!;
  await assert.rejects(keyring.remove("work"), { code: "wait-timeout" });
  lock.release();
  assert.equal(await keyring.remove("work"), true);
});

Deno.test("a file store is written where the file system does not support locks", async () => {
  const { host, keyring } = open({ files: await sealedItems({ work: "x" }, "good"), env: GOOD });
  host.files.forgetLocks();
  await keyring.set("work", item("y"));
  assert.deepEqual(host.talk.lines, [
    `warning: The file system of "${STORE}" does not support locks: write to it from one process at a time`,
  ]);
  assert.deepEqual(await keyring.get("work"), bytes("y"));
});

Deno.test("a file store locks inside its folder where nothing may be made beside it", async () => {
  const { host, keyring } = open({ files: await sealedItems({ work: "x" }, "good"), env: GOOD });
  host.files.fail("lock", `${STORE}.lock`);
  assert.equal(await keyring.remove("work"), true);
  assert.deepEqual(Object.keys(host.files.snapshot()), [`${STORE}/.lock`]);
  assert.deepEqual(await keyring.keys(), []);
});

Deno.test("a file store is rid of what a killed writer left, with its next change", async () => {
  const temporary = `${STORE}/.aws-vault-0123456789abcdef.tmp`;
  const files = { ...await sealedItems({ work: "x" }, "good"), [temporary]: "eyJh" };
  const { host, keyring } = open({ files, env: GOOD });
  await keyring.remove("work");
  assert.deepEqual(Object.keys(host.files.snapshot()), [`${STORE}.lock`]);
});
