/**
 * Changes a stored key that other commands may change at the same time: the person is asked first and the
 * lock is taken afterwards, so that no process waits for somebody who types. Under the lock the key is
 * looked up again; if it is not the one that the person was asked about, the question is repeated, without
 * the lock.
 */

import { pendingName } from "../credentials/key_names.ts";
import type { Keyring } from "../keyring.ts";
import { commandLine, quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { withKeyLock } from "./key_lock.ts";
import { KEPT_DAYS } from "./replaced_keys.ts";

/** The visible state of a stored key, without reading its secret, which may need a passphrase. */
export interface KeyState {
  readonly isStored: boolean;
  /** How often commands of this machine have changed the key. */
  readonly generation: number;
}

/** A command's change of a key. */
export interface KeyChange<T> {
  readonly profile: string;
  /** The state before anybody was asked. */
  readonly seen: KeyState;
  /** Whether a stored key may be changed without a question (`--force`). */
  readonly isForced: boolean;
  /** Asks the person whether the currently stored key may be changed. */
  readonly confirm: () => Promise<boolean>;
  /** Makes the change, under the key's lock; `isNews`: the key differs from before the lock. */
  readonly change: (now: KeyState, isNews: boolean) => Promise<T>;
}

/** Looks up whether a key is stored, and which: see {@linkcode describeNews}. */
export async function lookAtKey(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
): Promise<KeyState> {
  const cache = await invocation.cache();
  return { isStored: await keyring.has(profile), generation: cache.generation(profile) };
}

/**
 * Looks up a key before anybody is asked.
 *
 * If a rotation is recorded, this waits for a command that works on it: only then it is known whether
 * the rotation was left unfinished.
 */
export async function lookFirst(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
): Promise<KeyState> {
  const seen = await lookAtKey(invocation, keyring, profile);
  if (!await keyring.has(pendingName(profile))) return seen;
  return await withKeyLock(
    invocation,
    [keyring],
    profile,
    async () => (await lookAgain(invocation, keyring, profile, seen)).now,
  );
}

/** Looks under the lock, and reports what another process changed since the first look. */
async function lookAgain(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
  seen: KeyState,
): Promise<{ readonly now: KeyState; readonly isNews: boolean }> {
  const now = await lookAtKey(invocation, keyring, profile);
  const news = describeNews(seen, now);
  if (news) invocation.host.talk.note(`The key of profile ${quote(profile)} ${news}`);
  return { now, isNews: news !== undefined };
}

/** What another process changed about a key between two looks; `undefined`: nothing. */
export function describeNews(before: KeyState, now: KeyState): string | undefined {
  if (before.isStored && !now.isStored) return "was removed in the meantime";
  if (!before.isStored && now.isStored) return "was stored in the meantime";
  const isSame = !now.isStored || before.generation === now.generation;
  return isSame ? undefined : "was replaced in the meantime";
}

/**
 * Names a key that was replaced: it still exists in AWS, and a rotation may have created it a moment ago
 * without anybody seeing it. `keptFor`: the profile for which it is kept.
 */
export function hintAtReplaced(
  { host }: Invocation,
  accessKeyId: string,
  keptFor?: string,
): void {
  if (keptFor !== undefined) {
    host.talk.hint(
      `Key ${accessKeyId} is kept for ${KEPT_DAYS} days; to restore it: ${
        commandLine(["restore"], keptFor)
      }`,
    );
  }
  host.talk.hint(
    `Key ${accessKeyId} was replaced and stays in AWS: delete it in the IAM console if nobody needs it`,
  );
}

/** Changes a stored key under its lock; `undefined` if the person has changed their mind. */
export async function changeKey<T>(
  invocation: Invocation,
  keyring: Keyring,
  wanted: KeyChange<T>,
): Promise<T | undefined> {
  const { profile, isForced } = wanted;
  for (let seen = wanted.seen;;) {
    const outcome = await withKeyLock(invocation, [keyring], profile, async () => {
      const { now, isNews } = await lookAgain(invocation, keyring, profile, seen);
      const mustAsk = isNews && now.isStored && !isForced;
      return mustAsk ? { now } : { result: await wanted.change(now, isNews) };
    });
    if (outcome.now === undefined) return outcome.result;
    if (!await wanted.confirm()) return undefined;
    seen = outcome.now;
  }
}
