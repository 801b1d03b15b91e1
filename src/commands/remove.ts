import { VaultError } from "../errors.ts";
import { counted, quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext, GlobalFlags, Session } from "./context.ts";
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
  const session = this.open(flags);
  if (flags.sessionsOnly) return await removeSessions(session, profile);
  const keyring = await session.keyring();
  if (!await keyring.has(profile)) throw notStored(profile);
  await requireNoPending(keyring, profile, flags.force === true);
  if (!flags.force && !await isConfirmed(session, profile)) {
    session.talk.say(`Kept the key of profile ${quote(profile)}`);
    return;
  }
  await invalidateSessions(session, profile);
  if (!await keyring.remove(profile)) throw notStored(profile);
  await dropPending(session, profile);
  const dropped = await forgetSessions(session, profile);
  session.talk.say(`Deleted credentials of profile ${quote(profile)}`);
  if (dropped > 0) session.talk.say(`Deleted ${counted(dropped, "session")}`);
}

async function removeSessions(session: Session, profile: string): Promise<void> {
  const cache = await session.cache();
  const dropped = cache.dropProfile(profile) + cache.dropSourceKey(profile) +
    await dropForeignSessions(session, profile);
  session.talk.say(`Deleted ${counted(dropped, "session")}`);
}

function isConfirmed(session: Session, profile: string): Promise<boolean> {
  return confirm(session, `Delete credentials for profile ${quote(profile)}?`, {
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
