import { DATA_KEY_NAME } from "../keyring.ts";
import { classifyItem, foreignSessionProfile } from "../credentials/key_names.ts";
import type { Invocation } from "./context.ts";

/**
 * Makes every session of a profile's stored key one that is not found any more.
 *
 * Where the state folder cannot be written, the key that seals all cached sessions goes instead: else
 * a read-only folder would go on serving sessions of a key that was replaced, perhaps by another
 * account's.
 */
export async function invalidateSessions(invocation: Invocation, profile: string): Promise<void> {
  if ((await invocation.cache()).raiseGeneration(profile)) return;
  await (await invocation.keyring()).remove(DATA_KEY_NAME);
}

/**
 * Drops every session that was made from a profile's stored key, and those of the profile itself.
 *
 * Called after the key was changed. The code that changes it calls {@linkcode invalidateSessions}
 * before: so a process that dies in between leaves no session of the old key that would be found,
 * and one that obtained a session of the old key in between left it under a generation that is
 * over. Returns how many were dropped.
 */
export async function forgetSessions(invocation: Invocation, profile: string): Promise<number> {
  const cache = await invocation.cache();
  await invalidateSessions(invocation, profile);
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
