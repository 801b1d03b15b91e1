import { VaultError } from "../errors.ts";
import { formatDuration } from "../credentials/plan_limits.ts";
import { counted } from "../text.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";

/** The flags of `unlock`. */
export interface UnlockFlags extends GlobalFlags {
  readonly all?: boolean | undefined;
  /** In seconds. */
  readonly for?: number | undefined;
}

/** `unlock`: allows use of cached sessions, or of every key, without the passphrase for a while. */
export async function unlock(this: CommandContext, flags: UnlockFlags): Promise<void> {
  if (flags.for === 0) {
    throw new VaultError(
      "bad-usage",
      "Cannot unlock for less than a second: --for must be 1s or more",
    );
  }
  const { host, unlock } = this.open(flags);
  const { all = false } = flags;
  const { count, locked, shared, seconds } = await unlock({ all, seconds: flags.for });
  if (count + locked === 0) {
    return host.talk.say(all ? "Nothing is stored" : "There are no cached sessions yet to unlock");
  }
  const what = all ? counted(count, "item") : "the cached sessions";
  if (count > 0) host.talk.say(`Unlocked ${what} for ${formatDuration(seconds)}`);
  if (locked > 0) {
    host.talk.warn(
      `${
        counted(locked, "item")
      } stayed locked: damaged, stored with another passphrase, or more ` +
        "than the kernel keeps",
    );
  }
  if (all && shared) {
    host.talk.warn(
      "This process has no session keyring of its own: everything that runs as you can now use the keys, " +
        "including children of exec",
    );
  }
}
