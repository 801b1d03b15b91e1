import { certificateName, pendingName } from "../credentials/key_names.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { hintsOfNear } from "../near_names.ts";
import { counted, quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { dropForeignSessions, forgetSessions, invalidateSessions } from "./forget.ts";
import { changeKey, type KeyState, lookAtKey, lookFirst } from "./key_change.ts";
import { requireKnownProfile } from "./known_profile.ts";
import { dropPending, requireNoPending } from "./remove_pending.ts";
import { dropReplaced } from "./replaced_keys.ts";

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
  const isForced = flags.force === true;
  // A pending rotation does not stop a forced removal, which waits for it under the lock.
  const look = isForced ? lookAtKey : lookFirst;
  const seen = await look(invocation, keyring, profile);
  const hasCertificate = await keyring.has(certificateName(profile));
  if (!seen.isStored && hasCertificate) {
    const { removeCertificate } = await import("./remove_certificate.ts");
    return await removeCertificate(invocation, keyring, profile, isForced);
  }
  if (!seen.isStored && !(isForced && await keyring.has(pendingName(profile)))) {
    const { storedNames } = await import("../credentials/missing_profile.ts");
    const near = hintsOfNear(profile, await storedNames(invocation), quote);
    throw notStored(profile, "no credentials are stored for it", near);
  }
  await requireNoPending(keyring, profile, isForced);
  const confirm = () => isConfirmed(invocation, profile);
  const isRemoved = (isForced || await confirm()) &&
    await changeKey(invocation, keyring, {
      profile,
      seen,
      isForced,
      confirm,
      change: async (now, isNews) => {
        await removeKey(invocation, keyring, profile, isForced, seen, now);
        // The removed key is unknown: a removal needs no passphrase, so it reads no key.
        if (isNews) {
          invocation.host.talk.hint("Check the IAM console for keys that nobody needs any longer");
        }
        return true;
      },
    });
  if (!isRemoved) {
    throw new VaultError("conflict", `The key of profile ${quote(profile)} was kept`);
  }
}

/** Runs under the key's lock. */
async function removeKey(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
  isForced: boolean,
  seen: KeyState,
  now: KeyState,
): Promise<void> {
  await requireNoPending(keyring, profile, isForced);
  if (seen.isStored && !now.isStored) {
    throw notStored(profile, "its key was removed in the meantime");
  }
  const quiet = await invocation.quietKeyring();
  await invalidateSessions(invocation, profile, quiet);
  const wasThere = await keyring.remove(profile);
  if (!wasThere && now.isStored) throw notStored(profile, "its key was removed in the meantime");
  await dropPending(invocation, profile);
  const { dropCertificate } = await import("./remove_certificate.ts");
  await dropCertificate(invocation, keyring, profile);
  const replaced = await dropReplaced(keyring, profile);
  const dropped = await forgetSessions(invocation, profile, quiet);
  if (wasThere) invocation.host.talk.answer("Deleted credentials.");
  if (replaced > 0) {
    invocation.host.talk.answer(`Deleted ${counted(replaced, "replaced key")}`);
  }
  if (dropped > 0) invocation.host.talk.answer(`Deleted ${dropped} sessions.`);
}

async function removeSessions(invocation: Invocation, profile: string): Promise<void> {
  const cache = await invocation.cache();
  const dropped = cache.dropProfile(profile) + cache.dropSourceKey(profile) +
    await dropForeignSessions(invocation, profile);
  if (dropped === 0) await requireKnownProfile(invocation, profile);
  invocation.host.talk.answer(`Deleted ${dropped} sessions.`);
}

function isConfirmed(invocation: Invocation, profile: string): Promise<boolean> {
  return confirm(invocation, `Delete credentials for profile ${quote(profile)}?`, {
    message: `Cannot remove the key of profile ${quote(profile)}: nobody can be asked`,
    hint: "Remove it without a question: --force",
  });
}

function notStored(profile: string, why: string, near: readonly string[] = []): VaultError {
  return new VaultError(
    "no-credentials",
    `Cannot remove ${quote(profile)}: ${why}`,
    { hints: [...near, "See what is stored: aws-vault list --credentials"] },
  );
}
