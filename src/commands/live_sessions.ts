import type { OpenedBy } from "../cache/opened_by.ts";
import { readDataKey } from "../cache/data_key.ts";
import type { SessionSummary } from "../cache/session_rows.ts";
import { hasCode, VaultError } from "../errors.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import type { Invocation } from "./context.ts";

/**
 * The cached sessions that can still serve, by profile.
 *
 * Rows stay where the data key goes by another tool, or while the state folder is away: they are omitted.
 * To know it, the data key is read where that asks nobody, and only where there is a session at all.
 */
export async function liveSessions(invocation: Invocation): Promise<SessionSummary[]> {
  const cache = await invocation.cache();
  return await cache.listOpened(() => openQuietly(invocation));
}

/** `undefined` where nothing is known of the keystore: then all that it may open is listed. */
async function openQuietly({ quietKeyring }: Invocation): Promise<OpenedBy | undefined> {
  return await unlessFails(async () => {
    const keyring = await quietKeyring();
    if (!await keyring.has(DATA_KEY_NAME)) return { keyring, dataKey: undefined };
    const opened = await unlessFails(async () => ({
      keyring,
      dataKey: await readDataKey(keyring),
    }));
    return opened ?? await nameOfLocked(keyring);
  });
}

/** A keystore that is locked says which key is there, or no more than that there is one. */
async function nameOfLocked(keyring: Keyring): Promise<OpenedBy | undefined> {
  try {
    const id = await keyring.publicName?.(DATA_KEY_NAME);
    return id === undefined ? undefined : { keyring, dataKey: { id } };
  } catch (error) {
    if (hasCode(error, "damaged-item")) return { keyring, dataKey: undefined };
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
