/**
 * Rotates the stored key of a user in steps, each recorded before it is done, so that it can be
 * stopped anywhere and resumed.
 *
 * At every moment a stored key works, and every key in AWS is stored, or recorded as perhaps existing.
 * The order: record what exists, create, record, verify, store, deactivate, verify, delete, remove
 * the record.
 */

import { writeStoredKey } from "../credentials/long_term_key.ts";
import { quote } from "../text.ts";
import { createKey, settleLostCreate } from "./create_key.ts";
import { type PendingRotation, record, removePending } from "./pending.ts";
import { requireNewStored, requireReplaceable } from "./replaced_meanwhile.ts";
import type { RotateDeps } from "./rotate_deps.ts";
import { untilKnown, verifyKey } from "./verify.ts";

/** Completes a rotation from its current phase. */
export async function carryOn(deps: RotateDeps, pending: PendingRotation): Promise<void> {
  let at = pending;
  const isBefore = at.phase === "prepared" || at.phase === "creating";
  if (isBefore && at.createCalls.length > 0) at = await settleLostCreate(deps, at);
  if (isBefore) at = await createKey(deps, at);
  if (at.phase === "created") at = await makeCurrent(deps, at, isBefore);
  deps.useKey(at.newKey!);
  await retireOld(deps, at);
  await removePending(deps.keyring, at.profile);
}

/** Verifies the new key and stores it as the profile's; `isFresh`: this invocation created it. */
async function makeCurrent(
  deps: RotateDeps,
  pending: PendingRotation,
  isFresh: boolean,
): Promise<PendingRotation> {
  const { profile, newKey } = pending;
  await verifyKey(deps.aws, deps.sts, newKey!, pending.userArn);
  const stored = await requireReplaceable(deps, pending, isFresh);
  // Before, in case the process dies in between; after, for sessions obtained in between.
  await deps.forgetSessions();
  await writeStoredKey(deps.keyring, profile, newKey!, stored.otherFields);
  await deps.forgetSessions();
  if (pending.newKeyCreated) await deps.noteCreated(pending.newKeyCreated);
  const current = await record(deps, { ...pending, phase: "current" });
  deps.talk.answer(`Stored key ${newKey!.accessKeyId} for profile ${quote(profile)}`);
  return current;
}

/** Deactivates the old key, verifies that the new one still works, and deletes the old one. */
async function retireOld(deps: RotateDeps, pending: PendingRotation): Promise<void> {
  const { oldKeyId, newKey, userArn } = pending;
  await requireNewStored(deps, pending);
  const retiring = await record(deps, { ...pending, phase: "retiring" });
  const isInactive = await untilKnown(deps.aws, () => deps.keys.deactivate(oldKeyId));
  if (!isInactive) {
    deps.talk.note("UpdateAccessKey is denied: the old key is not deactivated first");
  }
  await verifyKey(deps.aws, deps.sts, newKey!, userArn);
  if (pending.keepOld) {
    deps.talk.answer(`Kept the old key ${oldKeyId}, ${isInactive ? "inactive" : "active"}`);
    return;
  }
  await requireNewStored(deps, retiring);
  await untilKnown(deps.aws, () => deps.keys.delete(oldKeyId));
  deps.talk.answer(`Deleted key ${oldKeyId}`);
}
