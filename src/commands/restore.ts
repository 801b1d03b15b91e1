import type { ReplacedKey } from "../credentials/key_names.ts";
import { readStoredKey, writeStoredKey } from "../credentials/long_term_key.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { requireNoRotation } from "../migration/move_key.ts";
import { noteFirstSeen } from "../rotation/age.ts";
import { hintsOfNear } from "../near_names.ts";
import { commandLine, quote } from "../text.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { forgetSessions, invalidateSessions } from "./forget.ts";
import { changeKey, lookFirst } from "./key_change.ts";
import { keepReplaced, KEPT_DAYS, keptKeys } from "./replaced_keys.ts";

/** The flags of `restore`. */
export type RestoreFlags = GlobalFlags;

/** `restore PROFILE`: swaps the stored key and the one that was replaced last. */
export async function restore(
  this: CommandContext,
  flags: RestoreFlags,
  profile: string,
): Promise<void> {
  const invocation = this.open(flags);
  const keyring = await invocation.keyring();
  const seen = await lookFirst(invocation, keyring, profile);
  await requireNoRotation(keyring, profile);
  await changeKey(invocation, keyring, {
    profile,
    seen,
    isForced: true,
    confirm: () => Promise.resolve(true),
    change: () => swapKeys(invocation, keyring, profile),
  });
}

/** Runs under the key's lock. The stored key is kept before anything replaces it. */
async function swapKeys(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
): Promise<void> {
  await requireNoRotation(keyring, profile);
  const replaced = await newestOf(invocation, keyring, profile);
  const back = await readStoredKey(keyring, replaced.name);
  if (back === undefined) throw nothingKept(profile);
  const stored = await readStoredKey(keyring, profile);
  if (stored !== undefined) await keepReplaced(invocation, keyring, profile, stored);
  const cache = await invocation.cache();
  await invalidateSessions(invocation, profile);
  await writeStoredKey(keyring, profile, back, back.otherFields);
  await forgetSessions(invocation, profile);
  noteFirstSeen(cache, profile, invocation.host.clock.now());
  await keyring.remove(replaced.name);
  const { talk } = invocation.host;
  talk.answer(`Restored key ${back.accessKeyId} of profile ${quote(profile)}`);
  if (stored === undefined) return;
  talk.hint(
    `Key ${stored.accessKeyId} is kept for ${KEPT_DAYS} days instead: ${
      commandLine(["restore"], profile)
    }`,
  );
}

async function newestOf(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
): Promise<ReplacedKey> {
  const kept = await keptKeys(invocation, keyring, await keyring.keys());
  const found = kept.find((key) => key.profile === profile);
  if (found !== undefined) return found;
  throw nothingKept(profile, hintsOfNear(profile, kept.map((key) => key.profile), quote));
}

function nothingKept(profile: string, near: readonly string[] = []): VaultError {
  return new VaultError(
    "no-credentials",
    `Cannot restore the key of profile ${quote(profile)}: no replaced key is kept for it`,
    { hints: [...near, "See what is kept: aws-vault list --long"] },
  );
}
