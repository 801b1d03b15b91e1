import { counted } from "../text.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";

/** The flags of `lock`. */
export type LockFlags = GlobalFlags;

/** `lock`: makes the next call ask for the passphrase again, in this login session. */
export async function lock(this: CommandContext, flags: LockFlags): Promise<void> {
  const invocation = this.open(flags);
  const count = await invocation.lock();
  invocation.host.talk.say(
    count === 0 ? "Nothing was unlocked" : `Locked ${counted(count, "item")}`,
  );
}
