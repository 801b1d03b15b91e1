import assert from "node:assert/strict";
import "../../tests/fakes/few_rounds.ts";
import { fileStoreHost, sealedItems, STORE } from "../../tests/fakes/file_store.ts";
import { openFileKeyring } from "./keyring.ts";
import { changePassphrase } from "./change_passphrase.ts";

const ITEMS = { work: "x", "team/prod": "y" };
const OLD = { AWS_VAULT_FILE_PASSPHRASE: "old" };
const NEW_FROM_FD = { "/dev/fd/9": "new\n" };

type Setup = Parameters<typeof fileStoreHost>[0] & { items?: Record<string, string> };

async function setUp(options: Setup = {}) {
  const items = await sealedItems(options.items ?? ITEMS, "old");
  return fileStoreHost({ env: OLD, ...options, files: { ...items, ...options.files } });
}

function change(host: ReturnType<typeof fileStoreHost>, descriptor?: number): Promise<number> {
  const newPassphrase = { descriptor };
  return changePassphrase(host, { folder: STORE, passphrase: {}, newPassphrase, mayPrompt: true });
}

/** The items by key as this passphrase reads them; a failure stands as its code. */
async function read(
  { files }: ReturnType<typeof fileStoreHost>,
  passphrase: string,
): Promise<Record<string, string>> {
  const host = { ...fileStoreHost({ env: { AWS_VAULT_FILE_PASSPHRASE: passphrase } }), files };
  const keyring = openFileKeyring(host, { folder: STORE, passphrase: {}, mayPrompt: false });
  const found: Record<string, string> = {};
  for (const key of await keyring.keys()) {
    found[key] = await keyring.get(key)
      .then((data) => new TextDecoder().decode(data), (error) => error.code);
  }
  return found;
}

const REFUSED = { work: "wrong-passphrase", "team/prod": "wrong-passphrase" };

Deno.test("changePassphrase() encrypts every item again and leaves nothing else behind", async () => {
  const host = await setUp({ files: NEW_FROM_FD });
  const names = Object.keys(host.files.snapshot());
  assert.equal(await change(host, 9), 2);
  assert.deepEqual(await read(host, "new"), ITEMS);
  assert.deepEqual(await read(host, "old"), REFUSED);
  assert.deepEqual(Object.keys(host.files.snapshot()), [...names, `${STORE}.lock`].sort());
});

Deno.test("changePassphrase() asks for the old one once and for the new one twice", async () => {
  const host = await setUp({ env: {}, answers: ["odl", "old", "", "new", "mew", "new", "new"] });
  assert.equal(await change(host), 2);
  host.terminal.assertUsedUp();
  assert.deepEqual(await read(host, "new"), ITEMS);
});

Deno.test("changePassphrase() does not take the old passphrase of the environment for the new one", async () => {
  const host = await setUp();
  await assert.rejects(change(host), {
    code: "needs-person",
    hints: [
      "Use --new-passphrase-command with a program that prints the new passphrase",
      "Use --new-passphrase-fd with the number of an open descriptor to read it from",
    ],
  });
});

Deno.test("changePassphrase() of an empty store asks nothing", async () => {
  assert.equal(await change(await setUp({ items: {}, env: {} })), 0);
});

Deno.test("changePassphrase() stops at an item that does not open, and changes nothing", async () => {
  const swapped = await sealedItems({ work: "x" }, "old");
  const cases: [what: string, files: Record<string, string>, code: string][] = [
    ["damaged", { [`${STORE}/broken`]: "x".repeat(40) }, "damaged-item"],
    ["another passphrase", await sealedItems({ else: "z" }, "third"), "wrong-passphrase"],
    ["another's item", { [`${STORE}/home`]: swapped[`${STORE}/work`]! }, "damaged-item"],
  ];
  for (const [what, files, code] of cases) {
    const host = await setUp({ files: { ...NEW_FROM_FD, ...files } });
    const before = host.files.snapshot();
    await assert.rejects(change(host, 9), { code }, what);
    assert.deepEqual(host.files.snapshot(), { ...before, [`${STORE}.lock`]: "" }, what);
  }
});

Deno.test("changePassphrase() that fails at any effect leaves one passphrase for all items", async () => {
  const passphrases: string[] = [];
  for (let effects = 0;; effects++) {
    const host = await setUp({ files: NEW_FROM_FD });
    host.files.failAfterEffects(effects);
    const failed = await change(host, 9).then(() => false, (error) => error.code === "file-failed");
    host.files.heal();
    const [byOld, byNew] = [await read(host, "old"), await read(host, "new")];
    const isNew = byNew["work"] === "x";
    assert.deepEqual(isNew ? [byOld, byNew] : [byNew, byOld], [REFUSED, ITEMS], `${effects}`);
    passphrases.push(isNew ? "new" : "old");
    if (!failed) break;
  }
  // Two items and the marker are written, then all is decided.
  assert.deepEqual([...new Set(passphrases)], ["old", "new"]);
  assert.equal(passphrases.lastIndexOf("old") < passphrases.indexOf("new"), true);
});

Deno.test("a change that was cut off is finished by the next who writes", async () => {
  const host = await setUp({ files: NEW_FROM_FD });
  // The folder, two items and the marker; then the disk is full.
  host.files.failAfterEffects(4);
  await assert.rejects(change(host, 9), { code: "file-failed" });
  host.files.heal();
  assert.ok(host.files.info(`${STORE}/.aws-vault-change/%complete`));
  const env = { AWS_VAULT_FILE_PASSPHRASE: "new" };
  const next = { ...fileStoreHost({ env }), files: host.files };
  const keyring = openFileKeyring(next, { folder: STORE, passphrase: {}, mayPrompt: false });
  assert.equal(await keyring.remove("work"), true);
  assert.equal(host.files.info(`${STORE}/.aws-vault-change`), undefined);
  assert.deepEqual(await read(host, "new"), { "team/prod": "y" });
});
