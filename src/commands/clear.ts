import { isUnreadable, readDataKey } from "../cache/data_key.ts";
import { VaultError } from "../errors.ts";
import { DATA_KEY_NAME } from "../keyring.ts";
import { LOGIN_SESSION_KIND } from "../sso/login_session.ts";
import { TOKEN_KIND } from "../sso/token_kind.ts";
import { asClause } from "../text.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { removeWrittenSections } from "./export_section.ts";
import { dropForeignSessions } from "./forget.ts";
import { requireKnownProfile } from "./known_profile.ts";

/** The flags of `clear`. */
export type ClearFlags = GlobalFlags;

/** `clear [PROFILE]`: drops cached sessions, ours and those of aws-vault 7; never a key. */
export async function clear(
  this: CommandContext,
  flags: ClearFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const cache = await invocation.cache();
  const endKeptLogins = await findKeptLogins(invocation, profile);
  const own = profile === undefined ? cache.dropAll() : cache.dropProfile(profile);
  cache.requireWorking();
  await endKeptLogins();
  await removeWrittenSections(invocation, profile);
  if (profile === undefined) await removeUnreadableDataKey(invocation);
  const foreign = await dropForeignSessions(invocation, profile).catch((error) => {
    // Our sessions are already dropped, which a locked keystore must not hide.
    invocation.host.talk.answer(`Cleared ${own} sessions.`);
    throw error;
  });
  if (profile !== undefined && own + foreign === 0) await requireKnownProfile(invocation, profile);
  invocation.host.talk.answer(`Cleared ${own + foreign} sessions.`);
}

/**
 * Reads the logins that are about to be dropped, and gives a function that also ends them at AWS. A login that
 * cannot be ended at AWS is dropped anyway.
 */
async function findKeptLogins(
  invocation: Invocation,
  profile: string | undefined,
): Promise<() => Promise<void>> {
  const { cache, host } = invocation;
  const kinds = [TOKEN_KIND, LOGIN_SESSION_KIND];
  const opened = await cache();
  if (kinds.every((kind) => opened.secrets(kind).length === 0)) return () => Promise.resolve();
  const { endLogins, endLoginSessions, findLogins, findLoginSessions } = await import(
    "./sso_logout.ts"
  );
  try {
    const kept = await findLogins(invocation, profile);
    const sessions = await findLoginSessions(invocation, profile);
    return async () => {
      const failures = [
        ...await endLogins(invocation, kept),
        ...await endLoginSessions(invocation, sessions),
      ];
      for (const { message } of failures) host.talk.warn(message);
    };
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    host.talk.warn(`Logins were not ended at AWS: ${asClause(error.message)}`);
    return () => Promise.resolve();
  }
}

/** Removes an unreadable data key, which would prevent a new one; a locked keystore is not that. */
async function removeUnreadableDataKey({ host, keyring }: Invocation): Promise<void> {
  const opened = await keyring();
  try {
    await readDataKey(opened);
  } catch (error) {
    if (!isUnreadable(error)) return;
    const isGone = await opened.remove(DATA_KEY_NAME);
    if (isGone) host.talk.answer("Removed the key of the session cache, which could not be read");
    else {
      host.talk.warn(
        `The key of the session cache can neither be read nor removed: ${
          asClause(error.message)
        }; ` +
          "move it away, and the next command creates a new one",
      );
    }
  }
}
