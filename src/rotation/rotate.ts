/**
 * Rotates the stored key of a user in steps, each recorded before it is done, so that it can be
 * stopped anywhere and resumed (pains 4: "my entire team runs into this every 90 days").
 *
 * At every moment a stored key works, and no key exists in AWS that is neither stored nor recorded as
 * perhaps existing. The order: record what exists, create, record, verify, store, deactivate, verify,
 * delete, forget.
 */

import type { AccessKeyInfo } from "../aws/iam.ts";
import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import { readStoredKey, writeStoredKey } from "../credentials/long_term_key.ts";
import type { LongTermKey } from "../credentials.ts";
import type { Keyring } from "../keyring.ts";
import type { Talk } from "../talk.ts";
import { quote } from "../text.ts";
import type { ObservedHttp } from "./aws_clock.ts";
import { createKey, settleLostCreate } from "./create_key.ts";
import { type PendingRotation, removePending, writePending } from "./pending.ts";
import type { UserKeys } from "./user_keys.ts";
import { untilKnown, verifyKey } from "./verify.ts";

/** What a rotation works with. */
export interface RotateDeps {
  readonly aws: AwsDeps & { readonly http: ObservedHttp };
  /** STS, for verifying keys. */
  readonly sts: Omit<AwsCaller, "credentials">;
  readonly talk: Talk;
  readonly keyring: Keyring;
  readonly keys: UserKeys;
  /** From when the new key is current: calls are no longer signed with the old one. */
  readonly useKey: (key: LongTermKey) => void;
  /** Makes every session of the profile's key a miss, and drops it. */
  readonly forgetSessions: () => Promise<void>;
  /** Keeps in mind when the stored key was made. */
  readonly noteCreated: (created: Temporal.Instant) => Promise<void>;
  /** Whether a key that stands in the way may be deleted; false where nobody can be asked. */
  readonly mayDelete: (key: AccessKeyInfo, described: readonly string[]) => Promise<boolean>;
}

/** Carries a rotation to its end from wherever it is. */
export async function carryOn(deps: RotateDeps, pending: PendingRotation): Promise<void> {
  let at = pending;
  const isBefore = at.phase === "prepared" || at.phase === "creating";
  if (isBefore && at.createCalls.length > 0) at = await settleLostCreate(deps, at);
  if (isBefore) at = await createKey(deps, at);
  if (at.phase === "created") at = await makeCurrent(deps, at);
  deps.useKey(at.newKey!);
  await retireOld(deps, at);
  await removePending(deps.keyring, at.profile);
}

/** Verifies the new key and stores it as the profile's. */
async function makeCurrent(deps: RotateDeps, pending: PendingRotation): Promise<PendingRotation> {
  const { profile, newKey } = pending;
  await verifyKey(deps.aws, deps.sts, newKey!, pending.userArn);
  const stored = await readStoredKey(deps.keyring, profile);
  // Before, in case that the process dies in between; after, for what was obtained in between.
  await deps.forgetSessions();
  await writeStoredKey(deps.keyring, profile, newKey!, stored?.otherFields);
  await deps.forgetSessions();
  if (pending.newKeyCreated) await deps.noteCreated(pending.newKeyCreated);
  const current = await record(deps, { ...pending, phase: "current" });
  deps.talk.say(`Stored key ${newKey!.accessKeyId} for profile ${quote(profile)}`);
  return current;
}

/** Takes the old key out of use, sees that the new one still works, and deletes the old one. */
async function retireOld(deps: RotateDeps, pending: PendingRotation): Promise<void> {
  const { oldKeyId, newKey, userArn } = pending;
  await record(deps, { ...pending, phase: "retiring" });
  const isInactive = await untilKnown(deps.aws, () => deps.keys.deactivate(oldKeyId));
  if (!isInactive) {
    deps.talk.note("UpdateAccessKey is denied: the old key is not set inactive first");
  }
  await verifyKey(deps.aws, deps.sts, newKey!, userArn);
  if (pending.keepOld) {
    deps.talk.say(`Kept the old key ${oldKeyId}, ${isInactive ? "inactive" : "active"}`);
    return;
  }
  await untilKnown(deps.aws, () => deps.keys.delete(oldKeyId));
  deps.talk.say(`Deleted key ${oldKeyId}`);
}

/** Writes down how far a rotation is, before what comes next is begun. */
export async function record(
  deps: Pick<RotateDeps, "keyring" | "talk">,
  pending: PendingRotation,
): Promise<PendingRotation> {
  await writePending(deps.keyring, pending);
  deps.talk.debug(() => `Rotation of ${quote(pending.profile)}: ${pending.phase}`);
  return pending;
}
