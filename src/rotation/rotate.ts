/**
 * Rotates the stored key of a user in steps, each recorded before it is done, so that it can be
 * stopped anywhere and resumed (pains 4: "my entire team runs into this every 90 days").
 *
 * At every moment a stored key works, and no key exists in AWS that is neither stored nor recorded as
 * perhaps existing. The order: record what exists, create, record, verify, store, deactivate, verify,
 * delete, forget.
 */

import type { AccessKeyInfo } from "../aws/iam.ts";
import { mayHaveActed } from "../aws/network_error.ts";
import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import { readStoredKey, writeStoredKey } from "../credentials/long_term_key.ts";
import type { LongTermKey } from "../credentials.ts";
import type { Keyring } from "../keyring.ts";
import type { Talk } from "../talk.ts";
import { quote } from "../text.ts";
import type { ObservedHttp } from "./aws_clock.ts";
import { judgeLostCreate } from "./lost_create.ts";
import { type PendingRotation, removePending, writePending } from "./pending.ts";
import { tooManyKeys, unclearKeys, unseenAnswer } from "./rotate_errors.ts";
import { isRefusal, type UserKeys } from "./user_keys.ts";
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
  /** Whether a key that stands in the way may be deleted; throws where nobody can be asked. */
  readonly mayDelete: (key: AccessKeyInfo, why: string) => Promise<boolean>;
}

/** A call that has not answered within this is over: the time limit of one try, and some. */
const CALL_SECONDS = 15;
/** A key that CreateAccessKey made is listed after some seconds at the latest. */
const LIST_LAG_MS = [1000, 2000, 4000] as const;
/** How often CreateAccessKey is sent while its answers are lost. */
const MOST_ROUNDS = 3;

/** Carries a rotation to its end from wherever it is. */
export async function carryOn(deps: RotateDeps, pending: PendingRotation): Promise<void> {
  let at = pending;
  if (at.phase === "creating") at = await settleLostCreate(deps, at);
  if (at.phase === "prepared") at = await create(deps, at);
  if (at.phase === "created") at = await makeCurrent(deps, at);
  deps.useKey(at.newKey!);
  await retireOld(deps, at);
  await removePending(deps.keyring, at.profile);
  await deps.forgetSessions();
}

/** Looks at what exists before anything is made: a second key leaves no room for the new one. */
export async function checkKeys(
  deps: RotateDeps,
  oldKeyId: string,
): Promise<readonly string[] | undefined> {
  const keys = await deps.keys.list();
  if (keys === undefined) {
    deps.talk.note("ListAccessKeys is denied: it is not checked whether there is a second key");
    return undefined;
  }
  const others = keys.filter((key) => key.accessKeyId !== oldKeyId);
  if (others.length === 0) return keys.map((key) => key.accessKeyId);
  for (const other of others) {
    if (!await deps.mayDelete(other, "it leaves no room for the new key")) {
      throw await tooManyKeys(deps, keys, oldKeyId);
    }
    await deps.keys.delete(other.accessKeyId);
    deps.talk.say(`Deleted key ${other.accessKeyId}`);
  }
  return [oldKeyId];
}

/**
 * Makes the new key. Sent once a round: where its answer is lost, AWS's list says what it did, and
 * only then is it sent again.
 */
async function create(deps: RotateDeps, pending: PendingRotation): Promise<PendingRotation> {
  for (let at = pending, round = 1;; round++) {
    const createSent = at.createSent ?? deps.aws.http.awsNow();
    const creating = await record(deps, { ...at, phase: "creating", createSent });
    const newKey = await createOnce(deps, creating, round);
    if (newKey !== undefined) return await keep(deps, { ...creating, phase: "created", newKey });
    at = await settleLostCreate(deps, creating, deps.aws.http.awsNow());
  }
}

/** The new key; `undefined` where one may have been made that nobody has the secret of. */
async function createOnce(
  deps: RotateDeps,
  pending: PendingRotation,
  round: number,
): Promise<LongTermKey | undefined> {
  try {
    const newKey = await deps.keys.create();
    deps.talk.say(`Created key ${newKey.accessKeyId}`);
    return newKey;
  } catch (error) {
    // After a lost answer a full house means that the list lagged: the key was made after all.
    const isLate = round > 1 && isRefusal(error, "LimitExceeded", "LimitExceededException");
    if ((mayHaveActed(error) || isLate) && round < MOST_ROUNDS) return undefined;
    if (!mayHaveActed(error) && !isLate) await record(deps, { ...pending, phase: "prepared" });
    throw error;
  }
}

/** Stores the only copy of the new secret; where that fails, the key is not left behind in AWS. */
async function keep(deps: RotateDeps, pending: PendingRotation): Promise<PendingRotation> {
  try {
    return await record(deps, pending);
  } catch (error) {
    const id = pending.newKey!.accessKeyId;
    deps.talk.warn(`The new key ${id} could not be stored and is deleted again`);
    await deps.keys.delete(id);
    throw error;
  }
}

/** Finds out what a CreateAccessKey without an answer did, and undoes it. */
async function settleLostCreate(
  deps: RotateDeps,
  pending: PendingRotation,
  ended?: Temporal.Instant,
): Promise<PendingRotation> {
  const { knownKeyIds, createSent } = pending;
  const listed = knownKeyIds && await listUntilNew(deps, knownKeyIds);
  if (listed === undefined || knownKeyIds === undefined || createSent === undefined) {
    throw unseenAnswer(pending);
  }
  const call = {
    knownKeyIds,
    sent: createSent,
    ended: ended ?? createSent.add({ seconds: CALL_SECONDS }),
  };
  const verdict = await judgeLostCreate(call, listed, async (id) => {
    const use = await deps.keys.lastUse(id);
    return use === undefined || use.lastUsed !== undefined;
  });
  if (verdict.kind === "ours") {
    deps.talk.note(
      `The answer to CreateAccessKey was lost; its key ${verdict.accessKeyId} is deleted`,
    );
    await deps.keys.delete(verdict.accessKeyId);
  }
  if (verdict.kind === "unclear") await deleteUnclear(deps, pending, verdict.keys);
  // Where nothing was found the list may still lag: the time stays, and the next look covers it.
  const sent = verdict.kind === "nothing" ? createSent : undefined;
  return await record(deps, { ...pending, phase: "prepared", createSent: sent });
}

async function deleteUnclear(
  deps: RotateDeps,
  pending: PendingRotation,
  keys: readonly AccessKeyInfo[],
): Promise<void> {
  for (const key of keys) {
    if (!await deps.mayDelete(key, "it may be somebody else's")) throw unclearKeys(pending, keys);
    await deps.keys.delete(key.accessKeyId);
    deps.talk.say(`Deleted key ${key.accessKeyId}`);
  }
}

/** IAM's lists lag behind: an id that is not there yet may come. */
async function listUntilNew(
  deps: RotateDeps,
  knownKeyIds: readonly string[],
): Promise<AccessKeyInfo[] | undefined> {
  for (const pauseMs of [...LIST_LAG_MS, undefined]) {
    const listed = await deps.keys.list();
    const isThere = listed?.some((key) => !knownKeyIds.includes(key.accessKeyId)) ?? true;
    if (isThere || pauseMs === undefined) return listed;
    await deps.aws.clock.sleep(pauseMs);
  }
  return undefined;
}

/** Verifies the new key and stores it as the profile's. */
async function makeCurrent(deps: RotateDeps, pending: PendingRotation): Promise<PendingRotation> {
  const { profile, newKey } = pending;
  await verifyKey(deps.aws, deps.sts, newKey!, pending.userArn);
  const stored = await readStoredKey(deps.keyring, profile);
  await writeStoredKey(deps.keyring, profile, newKey!, stored?.otherFields);
  const current = await record(deps, { ...pending, phase: "current" });
  await deps.forgetSessions();
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
    deps.talk.say(`Kept the old key ${oldKeyId}${isInactive ? ", inactive" : ""}`);
    return;
  }
  await untilKnown(deps.aws, () => deps.keys.delete(oldKeyId));
  deps.talk.say(`Deleted key ${oldKeyId}`);
}

async function record(deps: RotateDeps, pending: PendingRotation): Promise<PendingRotation> {
  await writePending(deps.keyring, pending);
  deps.talk.debug(() => `Rotation of ${quote(pending.profile)}: ${pending.phase}`);
  return pending;
}
