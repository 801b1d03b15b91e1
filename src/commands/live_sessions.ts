import type { OpenedSessions } from "../cache/cached_sessions.ts";
import type { OpenedBy } from "../cache/opened_by.ts";
import { readDataKey } from "../cache/data_key.ts";
import { hasCode, VaultError } from "../errors.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import type { Invocation } from "./context.ts";

/**
 * The cached sessions that are still usable, by profile.
 *
 * Rows remain when another tool removes the data key, or the state folder is away: they are omitted. To
 * check that, the data key is read if that asks nobody, and only if there is a session at all. What a
 * locked keystore may open is omitted, too, unless the keystore shows that it has the data key: a script
 * must not find a session that is not there.
 */
export async function liveSessions(invocation: Invocation): Promise<OpenedSessions> {
  const cache = await invocation.cache();
  return await cache.listOpened(() => openQuietly(invocation));
}

/** `undefined` if the keystore's state is unknown. */
async function openQuietly({ quietKeyring }: Invocation): Promise<OpenedBy | undefined> {
  return await unlessFails(async () => {
    const keyring = await quietKeyring();
    if (!await isStored(keyring)) return { keyring, dataKey: undefined };
    const opened = await unlessFails(async () => ({
      keyring,
      dataKey: await readDataKey(keyring),
    }));
    return opened ?? { keyring, dataKey: "locked" };
  });
}

/** What is not a file in the data key's place opens nothing. */
async function isStored(keyring: Keyring): Promise<boolean> {
  try {
    return await keyring.has(DATA_KEY_NAME);
  } catch (error) {
    if (hasCode(error, "unsafe-file")) return false;
    throw error;
  }
}

async function unlessFails<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
