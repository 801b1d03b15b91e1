import type { OpenedBy } from "../cache/opened_by.ts";
import { readDataKey } from "../cache/data_key.ts";
import type { SessionSummary } from "../cache/session_rows.ts";
import { hasCode, VaultError } from "../errors.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import type { Invocation } from "./context.ts";

/**
 * The cached sessions that are still usable, by profile.
 *
 * Rows remain when another tool removes the data key, or the state folder is away: they are omitted. To
 * check that, the data key is read if that asks nobody, and only if there is a session at all.
 */
export async function liveSessions(invocation: Invocation): Promise<SessionSummary[]> {
  const cache = await invocation.cache();
  return await cache.listOpened(() => openQuietly(invocation));
}

/** `undefined` if the keystore's state is unknown: then all that it may open is listed. */
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

/** A locked keystore shows which key it has, or only that it has one. */
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
