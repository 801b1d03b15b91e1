import type { Keyring } from "../keyring.ts";
import { classifyItem, foreignSessionProfile } from "../credentials/key_names.ts";
import type { Invocation } from "./context.ts";

/**
 * Makes every session of a profile's stored key a miss. `quiet`: a keyring that asks nobody, for a command
 * that needs no passphrase itself.
 */
export async function invalidateSessions(
  invocation: Invocation,
  profile: string,
  quiet?: Keyring,
): Promise<void> {
  const cache = await invocation.cache();
  const { keyring, quietKeyring } = invocation;
  await cache.raiseGeneration(profile, await keyring(), quiet, quietKeyring);
}

/**
 * Drops every session that was made from a profile's stored key, and those of the profile itself.
 *
 * Called after the key was changed. The code that changes it calls {@linkcode invalidateSessions}
 * before: if the process dies in between, no session of the old key can be found, and a session of
 * the old key that another process obtained in between has an outdated generation. Returns how many
 * were dropped.
 */
export async function forgetSessions(
  invocation: Invocation,
  profile: string,
  quiet?: Keyring,
): Promise<number> {
  const cache = await invocation.cache();
  await invalidateSessions(invocation, profile, quiet);
  const own = cache.dropSourceKey(profile) + cache.dropProfile(profile);
  return own + await dropForeignSessions(invocation, profile);
}

/** Drops what aws-vault 7 cached in the keyring: one profile's sessions, or all with its tokens. */
export async function dropForeignSessions(
  invocation: Invocation,
  profile?: string,
): Promise<number> {
  const keyring = await invocation.keyring();
  let dropped = 0;
  for (const name of await keyring.keys()) {
    const isMeant = profile === undefined
      ? ["foreign-session", "foreign-token"].includes(classifyItem(name))
      : foreignSessionProfile(name) === profile;
    if (isMeant && await keyring.remove(name)) dropped++;
  }
  return dropped;
}
