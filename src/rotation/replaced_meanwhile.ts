/**
 * What a rotation does about a key that somebody else stored or removed while it ran.
 *
 * The key's lock excludes the other commands of this machine. It does not exclude another tool, another
 * machine that shares the store, or a command with another state folder. So the keystore is read again
 * before its key is overwritten, and before a key is deactivated or deleted in AWS: otherwise another
 * user's key would be lost, a removed key would come back, or the stored key would be deleted in AWS.
 *
 * What is in the keystore stays. The new key:
 *
 * - If this invocation created it and it was never stored, nobody uses it, and it is deleted in AWS. The
 *   credentials that created it sign that; a key that was stored in the meantime may be another user's,
 *   and could not. Then nothing is pending.
 * - If it cannot be deleted, or it was stored before and may be in use, the record of the rotation stays,
 *   and is written again if it was removed. It has the only copy of the secret, and names both keys.
 */

import { readStoredKey, type StoredKey } from "../credentials/long_term_key.ts";
import { VaultError } from "../errors.ts";
import { asClause, commandLine, quote } from "../text.ts";
import { type PendingRotation, record, removePending } from "./pending.ts";
import type { RotateDeps } from "./rotate_deps.ts";
import {
  putBackMeanwhile,
  removedMeanwhile,
  replacedMeanwhile,
  undoneMeanwhile,
} from "./rotate_errors.ts";

/** Whether somebody stored another key while the rotation was pending. */
export function wasReplaced(pending: PendingRotation, storedId: string): boolean {
  return storedId !== pending.oldKeyId && storedId !== pending.newKey?.accessKeyId;
}

/** Throws `conflict` unless the key to be rotated is still the stored one; nothing was started yet. */
export async function requireOldStored(deps: RotateDeps, pending: PendingRotation): Promise<void> {
  const stored = await readStoredKey(deps.keyring, pending.profile);
  if (stored?.accessKeyId === pending.oldKeyId) return;
  throw new VaultError(
    "conflict",
    `Cannot rotate ${quote(pending.profile)}: ${describeNews(stored)}`,
    { hints: ["Nothing was changed"] },
  );
}

/**
 * Throws `conflict` unless the key to be rotated is still the stored one, after a CreateAccessKey whose
 * answer was lost: otherwise the one new key in AWS may be a key that somebody created and stored in the
 * meantime, and it would be deleted as the lost one.
 */
export async function requireOldStillStored(
  deps: RotateDeps,
  pending: PendingRotation,
): Promise<void> {
  const { profile, oldKeyId } = pending;
  const stored = await readStoredKey(deps.keyring, profile);
  if (stored?.accessKeyId === oldKeyId) return;
  const next = stored ? ["rotate", "--resume"] : ["remove", "--force"];
  throw new VaultError(
    "conflict",
    `Cannot continue the rotation of profile ${quote(profile)}: ${describeNews(stored)}`,
    {
      hints: [`An answer of AWS was lost; to find out what it did: ${commandLine(next, profile)}`],
    },
  );
}

/**
 * The stored key, which the new key may replace: the old one, or the new one itself.
 *
 * `isFresh`: this invocation created the new key. Throws `conflict` after deleting it, or `needs-person`.
 */
export async function requireReplaceable(
  deps: RotateDeps,
  pending: PendingRotation,
  isFresh: boolean,
): Promise<StoredKey> {
  const stored = await readStoredKey(deps.keyring, pending.profile);
  if (stored !== undefined && !wasReplaced(pending, stored.accessKeyId)) return stored;
  const newKeyId = pending.newKey!.accessKeyId;
  if (isFresh && await isDeleted(deps, newKeyId)) {
    await removePending(deps.keyring, pending.profile);
    throw undoneMeanwhile(pending, newKeyId, describeNews(stored));
  }
  throw await keepRecord(deps, pending, stored);
}

/** Throws `needs-person` or `conflict` unless the new key is the stored one. */
export async function requireNewStored(deps: RotateDeps, pending: PendingRotation): Promise<void> {
  const stored = await readStoredKey(deps.keyring, pending.profile);
  if (stored?.accessKeyId === pending.newKey!.accessKeyId) return;
  throw await keepRecord(deps, pending, stored);
}

/** The error to throw once the known keys are recorded for certain. */
async function keepRecord(
  deps: RotateDeps,
  pending: PendingRotation,
  stored: StoredKey | undefined,
): Promise<VaultError> {
  await record(deps, pending);
  const newKeyId = pending.newKey!.accessKeyId;
  if (stored === undefined) return removedMeanwhile(pending, newKeyId);
  if (stored.accessKeyId === pending.oldKeyId) return putBackMeanwhile(pending);
  return replacedMeanwhile(pending, stored.accessKeyId, newKeyId);
}

/** "Gone" may mean that AWS does not know the key yet, and counts as not deleted. */
async function isDeleted(deps: RotateDeps, accessKeyId: string): Promise<boolean> {
  try {
    return await deps.keys.delete(accessKeyId);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    deps.talk.warn(`Key ${accessKeyId} is still in AWS: ${asClause(error.message)}`);
    return false;
  }
}

function describeNews(stored: StoredKey | undefined): string {
  if (stored === undefined) return "its key was removed in the meantime";
  return `the key ${stored.accessKeyId} was stored in the meantime`;
}
