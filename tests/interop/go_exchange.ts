/** What the Go library and we do with one store, whichever it is. */

import assert from "node:assert/strict";
import type { Keyring } from "../../src/keyring.ts";
import type { GoKeyring } from "./go_keyring.ts";

/** Names that the library can express in every store; `pass` loses the second of two slashes. */
export const KEYS: readonly string[] = [
  "work",
  "team/prod",
  "team%2Fprod",
  "100%",
  "größe 🔑",
  ".hidden",
  "a,b c",
  "sts.GetSessionToken,d29yaw,YXJuOmF3czppYW0,1767225600",
];

export const encode = (text: string) => new TextEncoder().encode(text);
export const label = (key: string) => `aws-vault (${key})`;

/** We list and read what it wrote. */
export async function readTheirs(ours: Keyring, theirs: GoKeyring, keys = KEYS): Promise<void> {
  for (const key of keys) await theirs.set(key, label(key), encode(`data of ${key}`));
  assert.deepEqual((await ours.keys()).sort(), [...keys].sort());
  for (const key of keys) {
    assert.equal(await ours.has(key), true);
    assert.deepEqual(await ours.get(key), encode(`data of ${key}`), key);
  }
}

/** It lists and reads what we wrote, with everything that belongs to an item. */
export async function readOurs(ours: Keyring, theirs: GoKeyring, keys = KEYS): Promise<void> {
  for (const key of keys) {
    await ours.set(key, { data: encode(`data of ${key}`), label: label(key) });
  }
  assert.deepEqual((await theirs.keys()).sort(), [...keys].sort());
  for (const key of keys) {
    assert.deepEqual(await theirs.get(key), {
      Key: key,
      Data: encode(`data of ${key}`).toBase64(),
      Label: label(key),
      Description: "",
      KeychainNotTrustApplication: true,
      KeychainNotSynchronizable: false,
    });
  }
}

/** What one removes is gone for the other. */
export async function removeForBoth(ours: Keyring, theirs: GoKeyring): Promise<void> {
  await theirs.set("team/prod", label("team/prod"), encode("x"));
  await theirs.set("100%", label("100%"), encode("x"));
  assert.equal(await ours.remove("team/prod"), true);
  assert.equal(await theirs.get("team/prod"), undefined);
  assert.equal(await theirs.remove("100%"), true);
  assert.equal(await ours.get("100%"), undefined);
  assert.deepEqual([await ours.keys(), await theirs.keys()], [[], []]);
}
