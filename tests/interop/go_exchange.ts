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

/** What has broken one store or another, in a name or as one. */
// deno-fmt-ignore
const PARTS = [
  " ", "  ", ",", "%", "%2F", "%00", "+", "=", "&", ";", "|", "<", ">", "*", "?", "!", "#", "~", "^", "$HOME",
  "`id`", "'", '"', "\\", "[x]", "{x}", "(x)", "@", ":", "é", "e\u0301", "日本", "🔑", "ß", "İ", "\u200b",
  "\u00a0", "ﬁ", "-", "--", "_", "_2d", "._", "..x", "x..", ".gpg", ".age", "con", "NUL", "\t", "€", "½",
];
/** Some 200 names that are awkward. */
export const NAMES: readonly string[] = PARTS.flatMap((part) => [
  `a${part}b`,
  `team/a${part}`,
  `${part}b`,
  `team.x/${part}y/z`,
]);

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

/** We list and read what it wrote under many names. */
export async function readNames(
  ours: Keyring,
  theirs: GoKeyring,
  names: readonly string[],
): Promise<void> {
  await theirs.setAll(names);
  assert.deepEqual((await ours.keys()).sort(), [...names].sort());
  for (const name of names) {
    const data = await ours.get(name);
    assert.equal(data && new TextDecoder().decode(data), `data of ${name}`);
  }
}

/** It lists and reads what we wrote under many names. */
export async function writeNames(
  ours: Keyring,
  theirs: GoKeyring,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    await ours.set(name, { data: encode(`data of ${name}`), label: label(name) });
  }
  assert.deepEqual((await theirs.keys()).sort(), [...names].sort());
  assert.deepEqual(await theirs.getAll(names), names.map((name) => `data of ${name}`));
}
