import type { AccessKeyInfo } from "../aws/iam.ts";
import { readCaBundle } from "../aws/ca_bundle.ts";
import { getCallerIdentity } from "../aws/sts.ts";
import { singleFlight } from "../cache/flight.ts";
import { requestIdentity } from "../cache/identity.ts";
import { classifyItem } from "../credentials/key_names.ts";
import { readStoredKey, type StoredKey } from "../credentials/long_term_key.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { observeClock } from "../rotation/aws_clock.ts";
import { type PendingRotation, readPending, writePending } from "../rotation/pending.ts";
import { sayAge } from "../rotation/age.ts";
import { carryOn, checkKeys, type RotateDeps } from "../rotation/rotate.ts";
import { openSigning } from "../rotation/signing.ts";
import { userKeys } from "../rotation/user_keys.ts";
import { quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext, CredentialFlags, Session } from "./context.ts";
import { forgetSessions } from "./forget.ts";
import { chooseProfile, obtainPlanned, planForProfile, type ProfilePlan } from "./profile_plan.ts";

/** The flags of `rotate`. */
export interface RotateFlags extends CredentialFlags {
  readonly resume?: boolean | undefined;
  readonly keepOld?: boolean | undefined;
  readonly deleteOther?: string | undefined;
  readonly nothingWasCreated?: boolean | undefined;
  readonly all?: boolean | undefined;
  /** In days. */
  readonly olderThan?: number | undefined;
  readonly dryRun?: boolean | undefined;
}

/** `rotate [PROFILE]`: replaces the stored key by a new one, in steps that can be resumed. */
export async function rotate(
  this: CommandContext,
  flags: RotateFlags,
  profile?: string,
): Promise<void> {
  const session = this.open(flags);
  if (!flags.all) return await rotateOne(session, flags, chooseProfile(session, profile));
  for (const name of await storedNames(session)) await rotateOne(session, flags, name);
}

async function storedNames(session: Session): Promise<string[]> {
  const names = await (await session.keyring()).keys();
  return names.filter((name) => classifyItem(name) === "credential").sort();
}

async function rotateOne(session: Session, flags: RotateFlags, name: string): Promise<void> {
  const planned = await planForProfile(session, flags, name);
  const { source } = planned.plan;
  if (source.kind !== "stored-key") {
    throw new VaultError("no-credentials", `Cannot rotate ${quote(name)}: it has no stored key`);
  }
  const owner = source.profile.name;
  const identity = await requestIdentity({ action: "rotate", profile: owner });
  await singleFlight({ ...session.host, talk: session.talk }, { identity, profile: owner }, {
    look: () => Promise.resolve(undefined),
    act: () => rotateAlone(session, flags, planned, owner),
  });
}

/** Nobody else on this machine rotates this key in the meantime. */
async function rotateAlone(
  session: Session,
  flags: RotateFlags,
  planned: ProfilePlan,
  owner: string,
): Promise<void> {
  const keyring = await session.keyring();
  const pending = await readPending(keyring, owner);
  if (flags.resume && pending === undefined) {
    session.talk.say(`No rotation of profile ${quote(owner)} is pending`);
    return;
  }
  if (!flags.resume && pending !== undefined) throw alreadyPending(owner);
  const stored = await readStoredKey(keyring, owner);
  if (stored === undefined) {
    throw new VaultError("no-credentials", `No key is stored for ${quote(owner)}`);
  }
  const deps = await openRotation(session, flags, planned, owner, stored, pending);
  if (pending === undefined && await isYoung(deps, flags, stored, owner)) return;
  const start = pending === undefined
    ? await prepare(deps, flags, owner, stored)
    : resumed(pending, flags);
  if (flags.dryRun) return session.talk.say(describe(start));
  if (pending === undefined) await writePending(keyring, start);
  await carryOn(deps, start);
  session.talk.say(`Rotated the key of profile ${quote(owner)}`);
}

function alreadyPending(owner: string): VaultError {
  return new VaultError("conflict", `A rotation of profile ${quote(owner)} is already pending`, {
    hints: [`Finish it: aws-vault rotate --resume ${owner}`],
  });
}

type OpenRotation = RotateDeps & {
  readonly userArn: string;
  readonly userName: string | undefined;
};

async function openRotation(
  session: Session,
  flags: RotateFlags,
  planned: ProfilePlan,
  owner: string,
  stored: StoredKey,
  pending: PendingRotation | undefined,
): Promise<OpenRotation> {
  const { host, talk } = session;
  const { profile, steps, source } = planned.plan;
  const caCertificates = profile.caBundle && readCaBundle(host, profile.caBundle) || undefined;
  const http = observeClock(host.http, host.clock);
  const aws = { ...host, http, talk, skew: { offsetMs: 0 } };
  const sts = { endpoint: profileEndpoint("sts", source.profile), caCertificates };
  const userArn = pending?.userArn ??
    (await getCallerIdentity(aws, { ...sts, credentials: stored })).arn;
  const isRole = steps.some((step) => step.action === "AssumeRole");
  // IAM refuses a session without a second factor (pains 15): then the key signs itself.
  const needsSession = isRole || steps.some((step) => step.mfa !== undefined);
  const obtain = (): Promise<Credentials> => obtainPlanned(session, flags, planned);
  const signing = openSigning(needsSession ? await obtain() : stored, needsSession, obtain);
  const userName = isRole ? userArn.split("/").at(-1) : undefined;
  const iam = { endpoint: profileEndpoint("iam", profile), caCertificates };
  return {
    aws,
    sts,
    talk,
    keyring: await session.keyring(),
    keys: userKeys(aws, iam, userName, signing.sign),
    useKey: signing.useKey,
    forgetSessions: async () => void await forgetSessions(session, owner),
    mayDelete: (key, why) => mayDelete(session, flags, key, why, http.awsNow()),
    userArn,
    userName,
  };
}

async function mayDelete(
  session: Session,
  flags: RotateFlags,
  key: AccessKeyInfo,
  why: string,
  now: Temporal.Instant,
): Promise<boolean> {
  if (flags.deleteOther !== undefined) return flags.deleteOther === key.accessKeyId;
  if (!session.mayPrompt || !session.host.terminal.isAvailable()) return false;
  const question = `Key ${key.accessKeyId} (${key.status}, ${
    sayAge(key.created, now)
  }): ${why}. Delete it?`;
  return await confirm(session, question, { message: question, hint: "" });
}

async function prepare(
  deps: OpenRotation,
  flags: RotateFlags,
  owner: string,
  stored: StoredKey,
): Promise<PendingRotation> {
  const { userArn, userName } = deps;
  return {
    profile: owner,
    phase: "prepared",
    oldKeyId: stored.accessKeyId,
    userArn,
    userName,
    knownKeyIds: await checkKeys(deps, stored.accessKeyId),
    keepOld: flags.keepOld === true,
  };
}

function resumed(pending: PendingRotation, flags: RotateFlags): PendingRotation {
  const isCleared = flags.nothingWasCreated && pending.phase === "creating";
  return isCleared ? { ...pending, phase: "prepared" } : pending;
}

/** `--older-than`: leaves a key alone whose age AWS knows and that is younger. */
async function isYoung(
  deps: OpenRotation,
  flags: RotateFlags,
  stored: StoredKey,
  owner: string,
): Promise<boolean> {
  if (flags.olderThan === undefined) return false;
  const keys = await deps.keys.list();
  const created = keys?.find((key) => key.accessKeyId === stored.accessKeyId)?.created;
  const now = deps.aws.http.awsNow();
  if (created === undefined || now.since(created).total("hours") / 24 > flags.olderThan) {
    return false;
  }
  deps.talk.say(`The key of profile ${quote(owner)} is ${sayAge(created, now)} and stays`);
  return true;
}

function describe(start: PendingRotation): string {
  const retire = start.keepOld ? "" : `, and delete it`;
  return `Would create a key for ${quote(start.userArn)}, verify it, store it for profile ${
    quote(start.profile)
  }, set ${start.oldKeyId} inactive${retire}`;
}
