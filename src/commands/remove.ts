import { VaultError } from "../errors.ts";
import { counted, quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { dropForeignSessions, forgetSessions, invalidateSessions } from "./forget.ts";
import { dropPending, requireNoPending } from "./remove_pending.ts";

/** The flags of `remove`. */
export interface RemoveFlags extends GlobalFlags {
  readonly force?: boolean | undefined;
  readonly sessionsOnly?: boolean | undefined;
}

/** `remove PROFILE`: removes the stored key and every session made from it. */
export async function remove(
  this: CommandContext,
  flags: RemoveFlags,
  profile: string,
): Promise<void> {
  const invocation = this.open(flags);
  if (flags.sessionsOnly) return await removeSessions(invocation, profile);
  const keyring = await invocation.keyring();
  if (!await keyring.has(profile)) throw notStored(profile);
  await requireNoPending(keyring, profile, flags.force === true);
  if (!flags.force && !await isConfirmed(invocation, profile)) {
    invocation.talk.say(`Kept the key of profile ${quote(profile)}`);
    return;
  }
  await invalidateSessions(invocation, profile);
  if (!await keyring.remove(profile)) throw notStored(profile);
  await dropPending(invocation, profile);
  const dropped = await forgetSessions(invocation, profile);
  invocation.talk.say(`Deleted credentials of profile ${quote(profile)}`);
  if (dropped > 0) invocation.talk.say(`Deleted ${counted(dropped, "session")}`);
}

async function removeSessions(invocation: Invocation, profile: string): Promise<void> {
  const cache = await invocation.cache();
  const dropped = cache.dropProfile(profile) + cache.dropSourceKey(profile) +
    await dropForeignSessions(invocation, profile);
  invocation.talk.say(`Deleted ${counted(dropped, "session")}`);
}

function isConfirmed(invocation: Invocation, profile: string): Promise<boolean> {
  return confirm(invocation, `Delete credentials for profile ${quote(profile)}?`, {
    message: `Cannot remove the key of profile ${quote(profile)}: nobody can be asked whether to`,
    hint: "Remove it without a question: --force",
  });
}

function notStored(profile: string): VaultError {
  return new VaultError(
    "no-credentials",
    `Cannot remove ${quote(profile)}: no credentials are stored for it`,
    { hints: ["See what is stored: aws-vault list --credentials"] },
  );
}
