import type { OpenedBy } from "../cache/cached_sessions.ts";
import { readDataKey } from "../cache/data_key.ts";
import type { SessionSummary } from "../cache/session_rows.ts";
import { VaultError } from "../errors.ts";
import { DATA_KEY_NAME } from "../keyring.ts";
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

/** A keystore that is locked says no more than whether the key is there: then all that it may open is listed. */
async function openQuietly({ quietKeyring }: Invocation): Promise<OpenedBy | undefined> {
  try {
    const keyring = await quietKeyring();
    if (!await keyring.has(DATA_KEY_NAME)) return { keyring, dataKey: undefined };
    return { keyring, dataKey: await readDataKey(keyring) };
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
