/**
 * The only way in which credentials are handed out: a person agrees if that is required, they are
 * obtained, and the use is recorded.
 */

import type { Credentials } from "../credentials.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { recordUse } from "../record/record_use.ts";
import { listPolicies } from "../session_policies.ts";
import type { Grant } from "../server/grants.ts";
import type { TalkingHost } from "../talk.ts";
import type { CredentialFlags, Invocation } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { obtainPlanned } from "./obtain_planned.ts";

/** The receiver of credentials. */
export interface Recipient {
  /** The command of this program: `exec`. */
  readonly by: string;
  /** The words of the command that `exec` runs. */
  readonly command?: readonly string[] | undefined;
  /** Whether its arguments are also recorded. */
  readonly logArguments?: boolean | undefined;
  /** A person has already said yes: a server's first credentials were confirmed. */
  readonly isConfirmed?: boolean | undefined;
}

/** Obtains the credentials of a planned profile, and records the use. */
export async function handOut(
  invocation: Invocation,
  flags: CredentialFlags,
  planned: ProfilePlan,
  recipient: Recipient,
  minTtlSeconds = 0,
): Promise<Credentials> {
  const confirmed = recipient.isConfirmed
    ? planned.guard.confirm && true
    : await confirm(invocation, planned);
  const calls: string[] = [];
  const onCall = (action: string) => void calls.push(action);
  const credentials = await obtainPlanned(invocation, flags, planned, minTtlSeconds, {
    // The command of `exec` holds them for as long as it runs.
    renewsEarly: recipient.by === "exec",
    onCall,
  });
  const given = { ...credentials, roleArn: roleOf(planned) };
  await record(invocation, planned, recipient, { given, calls, confirmed });
  return given;
}

/** The role of a plan's credentials. */
function roleOf({ plan: { source, steps } }: ProfilePlan): string | undefined {
  const last = steps.findLast(({ action }) => action === "AssumeRole");
  return last?.profile.roleArn ?? (source.row.takesRole ? source.profile.roleArn : undefined);
}

/** Loaded only if somebody must be asked: a cached call pays nothing for it. */
export async function confirm(
  invocation: Invocation,
  planned: Pick<ProfilePlan, "guard" | "profile"> & Partial<ProfilePlan>,
): Promise<true | undefined> {
  if (planned.guard.confirm === undefined) return undefined;
  const { confirmUse } = await import("./confirm_use.ts");
  return await confirmUse(invocation, planned);
}

function record(
  { host }: Invocation,
  { plan, profile, guard, leavesNothing }: ProfilePlan,
  { by, command, logArguments }: Recipient,
  { given: { accessKeyId, accountId, roleArn, expiration }, calls, confirmed }: {
    readonly given: Credentials;
    readonly calls: readonly string[];
    readonly confirmed: true | undefined;
  },
): void | Promise<void> {
  return recordUse(host, {
    time: formatInstant(host.clock.now()),
    profile: profile.name,
    account: accountId ?? roleArn?.split(":")[4],
    role: roleArn,
    accessKeyId,
    expiration: expiration && formatInstant(expiration),
    how: calls.length === 0 ? howWithoutCalls(plan.steps.length) : calls.join(", "),
    by,
    command: logArguments ? command : command?.slice(0, 1),
    program: host.platform.parentProgram,
    pid: host.platform.pid,
    uid: host.platform.user,
    agent: guard.agent,
    confirmed,
    policies: guard.policies && listPolicies(guard.policies),
  }, { leavesNoFile: leavesNothing });
}

/** Records that credentials from the environment were passed on to a browser. */
export function recordFound(
  { host }: Invocation,
  { profile, guard, credentials }: Pick<ProfilePlan, "profile" | "guard"> & {
    readonly credentials: Credentials;
  },
): void | Promise<void> {
  return recordUse(host, {
    time: formatInstant(host.clock.now()),
    profile: profile.name,
    accessKeyId: credentials.accessKeyId,
    how: "environment",
    by: "login",
    program: host.platform.parentProgram,
    pid: host.platform.pid,
    uid: host.platform.user,
    agent: guard.agent,
    confirmed: guard.confirm && true,
  });
}

/** The credentials of a profile that a grant of `serve` received. */
export interface Served {
  readonly profile: string;
  readonly grant: Grant;
  readonly credentials: Credentials;
}

/** Records that a server gave a grant credentials that were obtained before. */
export function recordServed(
  host: TalkingHost,
  { profile, grant, credentials }: Served,
): void | Promise<void> {
  const { accessKeyId, accountId, roleArn, expiration } = credentials;
  const policies = grant.policies.get(profile) ?? [];
  return recordUse(host, {
    time: formatInstant(host.clock.now()),
    profile,
    account: accountId ?? roleArn?.split(":")[4],
    role: roleArn,
    accessKeyId,
    expiration: expiration && formatInstant(expiration),
    how: "cached",
    by: "serve",
    grant: grant.name,
    pid: host.platform.pid,
    uid: host.platform.user,
    agent: grant.terms.agent,
    policies: policies.length === 0 ? undefined : policies,
  });
}

/** A stored key that is handed out directly is neither cached nor the result of a call. */
function howWithoutCalls(steps: number): string {
  return steps === 0 ? "stored" : "cached";
}
