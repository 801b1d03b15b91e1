import type { AccessKeyInfo } from "../aws/iam.ts";
import { readCaBundle } from "../aws/ca_bundle.ts";
import { getCallerIdentity } from "../aws/sts.ts";
import type { StoredKey } from "../credentials/long_term_key.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import type { Credentials } from "../credentials.ts";
import { observeClock } from "../rotation/aws_clock.ts";
import type { PendingRotation } from "../rotation/pending.ts";
import type { Leave, RotateDeps } from "../rotation/rotate_deps.ts";
import { openSigning } from "../rotation/signing.ts";
import { userKeys } from "../rotation/user_keys.ts";
import { confirm } from "./confirm.ts";
import type { Invocation } from "./context.ts";
import { forgetSessions } from "./forget.ts";
import { obtainPlanned } from "./obtain_planned.ts";
import type { RotateFlags } from "./rotate_flags.ts";

/** What a rotation needs, and whose key it rotates. */
export type OpenRotation = RotateDeps & {
  readonly userArn: string;
  /** Sent in calls that a role signs; absent: the caller is the user. */
  readonly userName: string | undefined;
  /** When the stored key was created, as far as this machine knows. */
  readonly notedCreated: Temporal.Instant | undefined;
};

/** Finds out whose key is stored, and gets the credentials that sign the calls about it. */
export async function openRotation(
  invocation: Invocation,
  flags: RotateFlags,
  planned: ProfilePlan,
  owner: string,
  stored: StoredKey,
  pending: PendingRotation | undefined,
): Promise<OpenRotation> {
  const { host } = invocation;
  const { profile, steps, source } = planned.plan;
  const caCertificates = profile.caBundle && readCaBundle(host, profile.caBundle) || undefined;
  const http = observeClock(host.http, host.clock);
  const aws = { ...host, http, skew: { offsetMs: 0 } };
  const sts = { endpoint: profileEndpoint("sts", source.profile), caCertificates };
  const iam = { endpoint: profileEndpoint("iam", profile), caCertificates };
  const userArn = pending?.userArn ??
    (await getCallerIdentity(aws, { ...sts, credentials: stored })).arn;
  const isRole = steps.some((step) => step.action === "AssumeRole");
  // IAM refuses a session without MFA (STS API, GetSessionToken): then the key itself signs.
  const needsSession = isRole || steps.some((step) => step.mfa !== undefined);
  const obtain = (): Promise<Credentials> => obtainPlanned(invocation, flags, planned);
  const signing = openSigning(needsSession ? await obtain() : stored, needsSession, obtain);
  const userName = isRole ? userArn.split("/").at(-1) : undefined;
  const cache = await invocation.cache();
  return {
    aws,
    sts,
    talk: host.talk,
    keyring: await invocation.keyring(),
    keys: userKeys(aws, iam, userName, signing.sign),
    useKey: signing.useKey,
    forgetSessions: async () => void await forgetSessions(invocation, owner),
    noteCreated: (created) => Promise.resolve(cache.noteKeyCreated(owner, created)),
    mayDelete: (key, described) => mayDelete(invocation, flags, key, described),
    userArn,
    userName,
    notedCreated: cache.keyCreated(owner),
  };
}

async function mayDelete(
  invocation: Invocation,
  flags: RotateFlags,
  key: AccessKeyInfo,
  described: readonly string[],
): Promise<Leave> {
  if (flags.deleteOther !== undefined) {
    return flags.deleteOther === key.accessKeyId ? "given" : "unasked";
  }
  if (flags.dryRun || !invocation.mayPrompt || !await invocation.host.terminal.isAvailable()) {
    return "unasked";
  }
  for (const line of described) invocation.host.talk.say(line);
  const question = `Delete key ${key.accessKeyId}, to make room for the new one?`;
  const isGiven = await confirm(invocation, question, { message: question, hint: "" });
  return isGiven ? "given" : "refused";
}
