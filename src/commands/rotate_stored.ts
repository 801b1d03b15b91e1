import type { StoredKey } from "../credentials/long_term_key.ts";
import { planForProfile, type ProfilePlan } from "../credentials/profile_plan.ts";
import { VaultError } from "../errors.ts";
import { formatAge, isMadeThen } from "../rotation/age.ts";
import { checkKeys } from "../rotation/check_keys.ts";
import { type PendingRotation, readPending, writePending } from "../rotation/pending.ts";
import { dropReplaced, endReplaced } from "../rotation/replaced_key.ts";
import { requireOldStored, wasReplaced } from "../rotation/replaced_meanwhile.ts";
import { carryOn } from "../rotation/rotate.ts";
import { commandLine, quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import type { RotateFlags } from "./rotate_flags.ts";
import { type OpenRotation, openRotation } from "./rotation_deps.ts";

/** Starts or resumes the rotation of a stored key, under the key's lock. */
export async function rotateStored(
  invocation: Invocation,
  flags: RotateFlags,
  planned: ProfilePlan,
  owner: string,
  stored: StoredKey,
): Promise<void> {
  const pending = await readPending(await invocation.keyring(), owner);
  if (pending === undefined && flags.resume) {
    invocation.host.talk.answer(`No rotation of profile ${quote(owner)} is pending`);
    return;
  }
  if (pending !== undefined && !flags.resume) throw alreadyPending(owner);
  const used = pending ? await planAsBegun(invocation, flags, planned, pending) : planned;
  const deps = await openRotation(invocation, flags, used, owner, stored, pending);
  const isDone = pending === undefined
    ? await begin(deps, flags, planned.plan.profile.name, owner, stored)
    : await resume(deps, flags, pending, stored);
  if (isDone) invocation.host.talk.answer(`Rotated the key of profile ${quote(owner)}`);
}

function alreadyPending(owner: string): VaultError {
  return new VaultError("conflict", `A rotation of profile ${quote(owner)} is already pending`, {
    hints: [`Finish it: ${commandLine(["rotate", "--resume"], owner)}`],
  });
}

/** A rotation through a role is resumed through it, even by the name of the key's own profile. */
async function planAsBegun(
  invocation: Invocation,
  flags: RotateFlags,
  planned: ProfilePlan,
  pending: PendingRotation,
): Promise<ProfilePlan> {
  const isSame = planned.plan.profile.name === pending.through;
  const isElse = planned.plan.profile.name !== pending.profile;
  if (isSame || isElse || !invocation.config().hasProfile(pending.through)) return planned;
  const begun = await planForProfile(invocation, { ...flags, use: "own" }, pending.through);
  return begun.plan.source.keyName === pending.profile ? begun : planned;
}

async function begin(
  deps: OpenRotation,
  flags: RotateFlags,
  through: string,
  owner: string,
  stored: StoredKey,
): Promise<boolean> {
  if (flags.olderThan !== undefined && await isYoung(deps, flags.olderThan, stored, owner)) {
    return false;
  }
  const { userArn, userName } = deps;
  const start: PendingRotation = {
    profile: owner,
    through,
    phase: "prepared",
    oldKeyId: stored.accessKeyId,
    userArn,
    userName,
    createCalls: [],
    keepOld: flags.keepOld === true,
  };
  return await prepareAndCarryOn(deps, flags, start);
}

/** Checks what exists; the record is written before anything is deleted: it proves the keystore writable. */
async function prepareAndCarryOn(
  deps: OpenRotation,
  flags: RotateFlags,
  start: PendingRotation,
): Promise<boolean> {
  const checked = await checkKeys(deps, start.oldKeyId);
  const pending = { ...start, knownKeyIds: checked.knownKeyIds };
  if (flags.dryRun) {
    for (const key of checked.inTheWay) deps.talk.answer(`Would delete key ${key.accessKeyId}`);
    deps.talk.answer(describe(pending));
    return false;
  }
  if (checked.created) await deps.noteCreated(checked.created);
  await requireOldStored(deps, pending);
  await writePending(deps.keyring, pending);
  for (const key of checked.inTheWay) {
    await deps.keys.delete(key.accessKeyId);
    deps.talk.answer(`Deleted key ${key.accessKeyId}`);
  }
  await carryOn(deps, pending);
  return true;
}

async function resume(
  deps: OpenRotation,
  flags: RotateFlags,
  pending: PendingRotation,
  stored: StoredKey,
): Promise<boolean> {
  if (flags.dryRun) {
    deps.talk.answer(describe(pending));
    return false;
  }
  if (wasReplaced(pending, stored.accessKeyId)) {
    if (flags.nothingWasCreated) await dropReplaced(deps, pending);
    else await endReplaced(deps, pending, stored);
    return false;
  }
  const at = resumed(pending, flags, stored);
  if (at.phase === "prepared" && at.createCalls.length === 0) {
    return await prepareAndCarryOn(deps, flags, at);
  }
  await carryOn(deps, at);
  return true;
}

function resumed(
  pending: PendingRotation,
  flags: RotateFlags,
  stored: StoredKey,
): PendingRotation {
  const keepOld = pending.keepOld || flags.keepOld === true;
  if (pending.newKey === undefined) {
    const isCleared = flags.nothingWasCreated || pending.createCalls.length === 0;
    return isCleared
      ? { ...pending, keepOld, phase: "prepared", createCalls: [] }
      : { ...pending, keepOld };
  }
  // The old key must not be deleted while it is the stored one, as after restoring a backup.
  const isOldStored = stored.accessKeyId === pending.oldKeyId;
  return { ...pending, keepOld, ...(isOldStored && { phase: "created" as const }) };
}

/** `--older-than` for a key whose age AWS has reported before: a younger key needs no call. */
export async function isKnownYoung(
  invocation: Invocation,
  { olderThan }: RotateFlags,
  owner: string,
): Promise<boolean> {
  const noted = (await invocation.cache()).keyCreated(owner);
  if (olderThan === undefined || noted === undefined || !isMadeThen(noted)) return false;
  return staysYoung(invocation.host, olderThan, owner, noted, invocation.host.clock.now());
}

function staysYoung(
  { talk }: Pick<Invocation["host"], "talk">,
  days: number,
  owner: string,
  created: Temporal.Instant | undefined,
  now: Temporal.Instant,
): boolean {
  if (created === undefined || now.since(created).total("hours") / 24 >= days) return false;
  talk.answer(`The key of profile ${quote(owner)} is ${formatAge(created, now)} and is kept`);
  return true;
}

/** `--older-than`: skips a key whose age AWS reports, and that is younger. */
async function isYoung(
  deps: OpenRotation,
  days: number,
  stored: StoredKey,
  owner: string,
): Promise<boolean> {
  const keys = await deps.keys.list();
  const known = keys?.find((key) => key.accessKeyId === stored.accessKeyId)?.created;
  if (known !== undefined) await deps.noteCreated(known);
  return staysYoung(deps, days, owner, known ?? deps.notedCreated, deps.aws.http.awsNow());
}

const REMAINING: Record<PendingRotation["phase"], (pending: PendingRotation) => readonly string[]> =
  {
    prepared: ({ userArn, profile }) => [
      `create a key for ${quote(userArn)}`,
      "verify it",
      `store it for profile ${quote(profile)}`,
    ],
    creating: (pending) => [
      "find out whether a key was created",
      ...REMAINING.prepared(pending),
    ],
    created: ({ newKey, profile }) => [
      `verify key ${newKey!.accessKeyId}`,
      `store it for profile ${quote(profile)}`,
    ],
    current: () => [],
    retiring: () => [],
  };

function describe(pending: PendingRotation): string {
  const steps = [
    ...REMAINING[pending.phase](pending),
    `deactivate ${pending.oldKeyId}`,
    ...(pending.keepOld ? [] : ["delete it"]),
  ];
  return `Would ${steps.join(", ")}`;
}
