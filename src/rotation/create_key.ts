/** The step of a rotation that must not run twice: CreateAccessKey, and its recovery after a lost answer. */

import type { AccessKeyInfo, CreatedAccessKey } from "../aws/iam.ts";
import { mayHaveActed } from "../aws/network_error.ts";
import { VaultError } from "../errors.ts";
import { asClause, commandLine } from "../text.ts";
import { type CreateCall, judgeLostCreate, type LostCreate } from "./lost_create.ts";
import { type PendingRotation, record, removePending } from "./pending.ts";
import { requireOldStillStored } from "./replaced_meanwhile.ts";
import type { RotateDeps } from "./rotate_deps.ts";
import { describeKeys, tooManyKeys, unclearKeys, unseenAnswer } from "./rotate_errors.ts";
import { isRefusal } from "./user_keys.ts";

/** A key that CreateAccessKey made appears in lists after some seconds at the latest. */
const LIST_LAG_MS = [1000, 2000, 4000] as const;
/** If a call this long ago has added nothing to the list, it created nothing. */
const LAG_IS_OVER_SECONDS = 60;
/** How often CreateAccessKey is sent if its answers are lost. */
const MOST_ROUNDS = 3;

/**
 * Creates the new key. CreateAccessKey is sent once a round: if its answer is lost, AWS's list shows
 * what it did, and only then is it sent again.
 */
export async function createKey(
  deps: RotateDeps,
  pending: PendingRotation,
): Promise<PendingRotation> {
  for (let at = pending, round = 1;; round++) {
    const call = { sent: deps.aws.http.awsNow() };
    const creating = await record(deps, {
      ...at,
      phase: "creating",
      createCalls: [...at.createCalls, call],
    });
    const made = await createOnce(deps, creating, at.createCalls, round);
    if (made !== undefined) {
      requireNew(creating, made);
      deps.talk.answer(`Created key ${made.accessKeyId}`);
      return await keep(deps, creating, made);
    }
    const ended = { ...call, ended: deps.aws.http.awsNow() };
    await requireOldStillStored(deps, creating);
    at = await settleLostCreate(deps, { ...creating, createCalls: [...at.createCalls, ended] });
  }
}

/** The new key; `undefined` if one may have been created whose secret nobody has. */
async function createOnce(
  deps: RotateDeps,
  creating: PendingRotation,
  earlier: readonly CreateCall[],
  round: number,
): Promise<CreatedAccessKey | undefined> {
  try {
    return await deps.keys.create();
  } catch (error) {
    const isFull = isRefusal(error, "LimitExceeded", "LimitExceededException");
    // After a lost answer, a full quota means that the list lagged: the key was created after all.
    if (mayHaveActed(error) || isFull && earlier.length > 0) {
      if (round < MOST_ROUNDS) return undefined;
      throw error;
    }
    await forgetCall(deps, { ...creating, phase: "prepared", createCalls: earlier });
    throw isFull ? await explainFullHouse(deps, creating, error) : error;
  }
}

/**
 * Refuses a "new" key that existed before: the end of the rotation would delete the only key. The effect
 * of the call is unknown, so the record stays as after a lost answer.
 */
function requireNew({ oldKeyId, knownKeyIds, profile }: PendingRotation, made: CreatedAccessKey) {
  if (made.accessKeyId !== oldKeyId && !knownKeyIds?.includes(made.accessKeyId)) return;
  throw new VaultError(
    "network",
    `Cannot use the answer to CreateAccessKey: it names key ${made.accessKeyId}, which existed before`,
    {
      hints: [
        "Nothing was deleted",
        `Find out what was created: ${commandLine(["rotate", "--resume"], profile)}`,
      ],
    },
  );
}

/** The call did nothing: if there was none before it, nothing is pending any more. */
async function forgetCall(deps: RotateDeps, prepared: PendingRotation): Promise<void> {
  try {
    if (prepared.createCalls.length > 0) await record(deps, prepared);
    else await removePending(deps.keyring, prepared.profile);
  } catch (error) {
    // The record stays at "creating", from which the existing keys can be found out.
    deps.talk.debug(() => `The record of the rotation stays unchanged: ${error}`);
  }
}

/** Somebody created a second key since the check, or the right to list keys is missing. */
async function explainFullHouse(
  deps: RotateDeps,
  pending: PendingRotation,
  refusal: unknown,
): Promise<unknown> {
  const keys = await deps.keys.list();
  if (keys === undefined || keys.length < 2) return refusal;
  const described = await describeKeys(deps, keys, pending.oldKeyId);
  return tooManyKeys(described, keys, pending.oldKeyId);
}

/** Stores the only copy of the new secret; if that fails, the key is not left in AWS. */
async function keep(
  deps: RotateDeps,
  creating: PendingRotation,
  { accessKeyId, secretAccessKey, created }: CreatedAccessKey,
): Promise<PendingRotation> {
  try {
    return await record(deps, {
      ...creating,
      phase: "created",
      createCalls: [],
      newKey: { accessKeyId, secretAccessKey },
      newKeyCreated: created,
    });
  } catch (error) {
    deps.talk.warn(`The new key ${accessKeyId} could not be stored, and is deleted`);
    await undo(deps, creating, accessKeyId);
    throw error;
  }
}

async function undo(
  deps: RotateDeps,
  creating: PendingRotation,
  accessKeyId: string,
): Promise<void> {
  try {
    // "Gone" may mean that AWS does not know the key yet: then the record stays, and the key is searched for.
    if (!await deps.keys.delete(accessKeyId)) return;
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    deps.talk.warn(`Key ${accessKeyId} is still in AWS: ${asClause(error.message)}`);
    return;
  }
  await forgetCall(deps, { ...creating, phase: "prepared", createCalls: [] });
}

/** Finds out what the CreateAccessKey calls without an answer did, and undoes it. */
export async function settleLostCreate(
  deps: RotateDeps,
  pending: PendingRotation,
): Promise<PendingRotation> {
  const { knownKeyIds, createCalls } = pending;
  if (knownKeyIds) deps.talk.note("CreateAccessKey got no answer: finding out what it did");
  const listed = knownKeyIds && await listUntilNew(deps, knownKeyIds);
  if (listed === undefined || knownKeyIds === undefined) throw unseenAnswer(pending);
  const verdict = await judgeLostCreate(
    createCalls,
    knownKeyIds,
    listed,
    (id) => wasUsed(deps, id),
  );
  await undoLostCreate(deps, pending, listed, verdict);
  const remaining = verdict.kind === "nothing" ? recentCalls(deps, createCalls) : [];
  return await record(deps, { ...pending, phase: "prepared", createCalls: remaining });
}

async function undoLostCreate(
  deps: RotateDeps,
  pending: PendingRotation,
  listed: readonly AccessKeyInfo[],
  verdict: LostCreate,
): Promise<void> {
  if (verdict.kind === "ours") {
    await deps.keys.delete(verdict.accessKeyId);
    deps.talk.answer(`Deleted key ${verdict.accessKeyId}, whose secret was lost with the answer`);
  }
  if (verdict.kind !== "unclear") return;
  const described = await describeKeys(deps, listed, pending.oldKeyId);
  for (const key of verdict.keys) {
    const leave = await deps.mayDelete(key, described);
    if (leave !== "given") throw unclearKeys(described, pending, verdict.keys, leave);
    await deps.keys.delete(key.accessKeyId);
    deps.talk.answer(`Deleted key ${key.accessKeyId}`);
  }
}

/** If the last use cannot be read, the key counts as used: only a surely unused key is deleted. */
async function wasUsed(deps: RotateDeps, accessKeyId: string): Promise<boolean> {
  const use = await deps.keys.lastUse(accessKeyId);
  if (use !== undefined) return use.lastUsed !== undefined;
  deps.talk.note(`GetAccessKeyLastUsed is denied: whether ${accessKeyId} was used is not known`);
  return true;
}

/** Calls so recent that their keys are perhaps not listed yet. */
function recentCalls(deps: RotateDeps, calls: readonly CreateCall[]): CreateCall[] {
  const since = deps.aws.http.awsNow().subtract({ seconds: LAG_IS_OVER_SECONDS });
  return calls.filter((call) => Temporal.Instant.compare(call.sent, since) > 0);
}

/** IAM's lists lag behind: a missing ID may still appear. */
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
