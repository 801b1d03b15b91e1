/** Attacks by who can write into the folder of a file store, and makes reading it costly. */

import assert from "node:assert/strict";
import { openFileKeyring } from "../../backends/file/keyring.ts";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import type { KernelKeys } from "../../src/native.ts";
import { fileStoreHost, sealedItems, STORE } from "../fakes/file_store.ts";

const item = (text: string) => ({ data: new TextEncoder().encode(text), label: "" });

/** An item that says that it takes so many rounds. */
function withRounds(sealed: string, rounds: number): string {
  const [header = "", ...parts] = sealed.split(".");
  const bytes = Uint8Array.fromBase64(header, { alphabet: "base64url" });
  const parsed = { ...JSON.parse(new TextDecoder().decode(bytes)), p2c: rounds };
  const encoded = new TextEncoder().encode(JSON.stringify(parsed))
    .toBase64({ alphabet: "base64url", omitPadding: true });
  return [encoded, ...parts].join(".");
}

function roundsOf(sealed: string): number {
  const bytes = Uint8Array.fromBase64(sealed.split(".")[0]!, { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(bytes)).p2c;
}

/** The rounds of each derivation while something is done. */
async function derivations(doing: () => Promise<unknown>): Promise<number[]> {
  const { subtle } = crypto;
  const derive = subtle.deriveBits.bind(subtle);
  const rounds: number[] = [];
  subtle.deriveBits = (algorithm, ...rest) => {
    rounds.push((algorithm as Pbkdf2Params).iterations);
    return derive(algorithm, ...rest);
  };
  try {
    await doing();
    return rounds;
  } finally {
    // @ts-expect-error: it is the prototype's again
    delete subtle.deriveBits;
  }
}

/** A session keyring that keeps nothing, so that everything would be stored in it again. */
const forgetful = {
  specialKeyring: () => 1,
  search: () => undefined,
  describe: () => ({ type: "keyring", description: "_ses", owner: 0, permissions: 0x3f030000 }),
  add: () => {},
} as Partial<KernelKeys> as KernelKeys;

Deno.test("an item that asks for more than two million rounds is refused and costs none", async () => {
  const [[path, sealed] = ["", ""]] = Object.entries(await sealedItems({ work: "x" }, "good"));
  for (const rounds of [2_000_001, 2 ** 31, 2 ** 53]) {
    const host = fileStoreHost({
      files: { [path]: withRounds(sealed, rounds) },
      env: { AWS_VAULT_FILE_PASSPHRASE: "good" },
    });
    const keyring = openFileKeyring(host, { folder: STORE, passphrase: {}, mayPrompt: true });
    const spent = await derivations(() =>
      assert.rejects(keyring.get("work"), {
        code: "damaged-item",
        message:
          `Cannot read "work": its file "${path}" is damaged: it asks for ${rounds} PBKDF2 ` +
          "rounds, more than 2000000",
      })
    );
    assert.deepEqual(spent, [], String(rounds));
  }
});

Deno.test("costly items cost nothing while another one is used, listed or looked for", async () => {
  const good = await sealedItems({ work: "x" }, "good");
  const planted = Object.fromEntries(
    Object.entries(await sealedItems({ a: "1", b: "2", zzz: "3" }, "theirs"))
      .map(([path, sealed]) => [path, withRounds(sealed, 2_000_000)]),
  );
  const host = fileStoreHost({ files: { ...planted, ...good }, answers: ["good"] });
  const native = { kernelKeys: () => Promise.resolve(forgetful) };
  const keyring = openFileKeyring({ ...host, native }, {
    folder: STORE,
    passphrase: {},
    mayPrompt: true,
    unlockSeconds: 900,
  });
  assert.deepEqual(
    await derivations(async () => {
      assert.deepEqual((await keyring.keys()).sort(), ["a", "b", "work", "zzz"]);
      assert.equal(await keyring.has("a"), true);
    }),
    [],
  );
  assert.deepEqual(await derivations(() => keyring.get("work")), [1000]);
});

Deno.test("planted items do not make the right passphrase wrong", async () => {
  const planted = Object.fromEntries(
    Object.entries(await sealedItems({ a: "1", b: "2", c: "3", d: "4", e: "5" }, "theirs"))
      .map(([path, sealed]) => [path, withRounds(sealed, 1001)]),
  );
  const good = await sealedItems({ [DATA_KEY_NAME]: "x" }, "good");
  const host = fileStoreHost({
    files: { ...planted, ...good },
    env: { AWS_VAULT_FILE_PASSPHRASE: "good" },
  });
  const keyring = openFileKeyring(host, { folder: STORE, passphrase: {}, mayPrompt: true });
  const spent = await derivations(() => keyring.set("work", item("z")));
  assert.deepEqual(spent, [1000, 600_000]);
});

Deno.test("an item of few rounds is sealed with ours when it is next written", async () => {
  const files = await sealedItems({ work: "x", home: "y" }, "good");
  const host = fileStoreHost({ files, env: { AWS_VAULT_FILE_PASSPHRASE: "good" } });
  const keyring = openFileKeyring(host, { folder: STORE, passphrase: {}, mayPrompt: true });
  await keyring.set("work", item("z"));
  const rounds = (key: string) => roundsOf(host.files.readText(`${STORE}/${key}`) ?? "");
  assert.deepEqual([rounds("work"), rounds("home")], [600_000, 1000]);
});
