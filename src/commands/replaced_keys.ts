/** Keys that `add` replaced: each stays in the keystore for 30 days, under our own name for it. */

import { type ReplacedKey, replacedKeys, replacedName } from "../credentials/key_names.ts";
import { encodeStoredKey, type StoredKey } from "../credentials/long_term_key.ts";
import type { Keyring } from "../keyring.ts";
import type { Invocation } from "./context.ts";

/** How long a replaced key is kept. */
export const KEPT_DAYS = 30;

/** Keeps a key that is about to be replaced; if it throws the keyring's error, nothing is lost yet. */
export async function keepReplaced(
  { host }: Pick<Invocation, "host">,
  keyring: Keyring,
  profile: string,
  key: StoredKey,
): Promise<void> {
  await keyring.set(replacedName(profile, host.clock.now()), {
    data: encodeStoredKey(key, key.otherFields),
    label: `aws-vault replaced (${profile})`,
    standsAlone: true,
  });
}

/** The replaced keys that are still kept, newest first; removes those that are too old. */
export async function keptKeys(
  { host }: Pick<Invocation, "host">,
  keyring: Keyring,
  names: readonly string[],
): Promise<ReplacedKey[]> {
  const now = host.clock.now();
  const kept: ReplacedKey[] = [];
  for (const key of replacedKeys(names)) {
    if (now.since(key.replaced).total("hours") < KEPT_DAYS * 24) kept.push(key);
    else await keyring.remove(key.name);
  }
  return kept;
}

/** Removes every replaced key of a profile, and gives how many there were. */
export async function dropReplaced(keyring: Keyring, profile: string): Promise<number> {
  const keys = replacedKeys(await keyring.keys()).filter((key) => key.profile === profile);
  for (const { name } of keys) await keyring.remove(name);
  return keys.length;
}
