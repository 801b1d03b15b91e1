import { counted } from "../text.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";
import { dropForeignSessions } from "./forget.ts";

/** The flags of `clear`. */
export type ClearFlags = GlobalFlags;

/** `clear [PROFILE]`: drops cached sessions, ours and those the other aws-vault left; never a key. */
export async function clear(
  this: CommandContext,
  flags: ClearFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const cache = await invocation.cache();
  const own = profile === undefined ? cache.dropAll() : cache.dropProfile(profile);
  const foreign = await dropForeignSessions(invocation, profile).catch((error) => {
    // Ours are gone already, and a locked keystore is no reason to hide it.
    invocation.talk.say(`Cleared ${counted(own, "session")}`);
    throw error;
  });
  invocation.talk.say(`Cleared ${counted(own + foreign, "session")}`);
}
