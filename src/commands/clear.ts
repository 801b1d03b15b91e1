import { isUnreadable, readDataKey } from "../cache/data_key.ts";
import { DATA_KEY_NAME } from "../keyring.ts";
import { asClause, counted } from "../text.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { dropForeignSessions } from "./forget.ts";
import { requireKnownProfile } from "./known_profile.ts";

/** The flags of `clear`. */
export type ClearFlags = GlobalFlags;

/** `clear [PROFILE]`: drops cached sessions, ours and those aws-vault 7 left; never a key. */
export async function clear(
  this: CommandContext,
  flags: ClearFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const cache = await invocation.cache();
  const own = profile === undefined ? cache.dropAll() : cache.dropProfile(profile);
  cache.requireWorking();
  if (profile === undefined) await removeUnreadableDataKey(invocation);
  const foreign = await dropForeignSessions(invocation, profile).catch((error) => {
    // Ours are gone already, and a locked keystore does not hide that.
    invocation.host.talk.answer(`Cleared ${counted(own, "session")}`);
    throw error;
  });
  if (profile !== undefined && own + foreign === 0) await requireKnownProfile(invocation, profile);
  invocation.host.talk.answer(`Cleared ${counted(own + foreign, "session")}`);
}

/** A data key that cannot be read stands in the way of a new one. A locked keystore is not that. */
async function removeUnreadableDataKey({ host, keyring }: Invocation): Promise<void> {
  const opened = await keyring();
  try {
    await readDataKey(opened);
  } catch (error) {
    if (!isUnreadable(error)) return;
    const isGone = await opened.remove(DATA_KEY_NAME);
    if (isGone) host.talk.answer("Removed the key of the session cache, which could not be read");
    else {host.talk.warn(
        `The key of the session cache can be neither read nor removed: ${asClause(error.message)}`,
      );}
  }
}
