/**
 * The plan: the calls that lead from a source to the requested credentials, and why.
 *
 * Pure: profiles in, steps out; reads nothing and asks nobody. Three rules of AWS bind every plan:
 *
 * 1. An MFA device belongs to a user: only a call signed with the user's key can show it, never
 *    one signed with a role's session.
 * 2. A code works once per device: a plan shows a device once; all later steps share its session.
 * 3. A role assumed with a session or with a role lasts at most one hour.
 *
 * Within these rules the calls are those of aws-vault 7.2 wherever AWS accepts them, so that trust
 * policies and CloudTrail see what they always saw.
 */

import type { Lifetimes } from "../config/lifetimes.ts";
import type { Profile } from "../config/profile.ts";
import type { SessionPolicies } from "../session_policies.ts";
import { quote } from "../text.ts";
import type { PlanSource } from "./find_source.ts";
import { federationNotes, federationStep } from "./plan_federation.ts";
import { clampDuration, SESSION_RANGE } from "./plan_limits.ts";
import {
  firstRoleSeconds,
  limitRole,
  sourceDurationNotes,
  wantsLong,
  wantsLongRole,
} from "./plan_role_durations.ts";
import { planRoot, type RootTask } from "./plan_root.ts";

/** An MFA device to be shown. */
export interface MfaUse {
  readonly serial: string;
  /** The profile that shows it. */
  readonly profile: Profile;
  /** The program that gives its code, if there is one. */
  readonly mfaProcess: string | undefined;
}

/** One call to AWS's STS, signed with the credentials of the step before it. */
export interface PlanStep {
  readonly action: "GetSessionToken" | "AssumeRole" | "GetFederationToken" | "AssumeRoot";
  /** The profile whose settings (region, endpoint, role) the call uses. */
  readonly profile: Profile;
  /** The duration that the call requests, already within AWS's limits. */
  readonly durationSeconds: number;
  readonly mfa?: MfaUse | undefined;
  /** The parameters of AssumeRoot. */
  readonly rootTask?: RootTask | undefined;
  /** The policies that narrow its credentials; absent: all permissions of the role or user. */
  readonly policies?: SessionPolicies | undefined;
  /** The agent whose name the role session carries, in the form that AWS accepts in tags. */
  readonly agent?: string | undefined;
  /** Why this call is made, one clause for `explain`. */
  readonly why: string;
}

/** The calls for one profile. */
export interface Plan {
  readonly profile: Profile;
  readonly source: PlanSource;
  readonly steps: readonly PlanStep[];
  /** How the plan differs from the request and why, for the person. */
  readonly notes: readonly string[];
}

/** The inputs of a plan. */
export interface PlanRequest {
  /** The requested profile, then its `source_profile`, and so on to the end of the chain. */
  readonly chain: readonly Profile[];
  /** Where the chain starts, at one of these profiles. */
  readonly source: PlanSource;
  readonly lifetimes: Lifetimes;
  /** False: no GetSessionToken (`--no-session`). */
  readonly useSessions: boolean;
  /** Sessions even if a profile has `aws_vault_no_session` (`--no-no-session`). */
  readonly overridesSettings?: boolean | undefined;
  /** The result signs in to the console, which does not accept credentials of GetSessionToken. */
  readonly forConsole?: boolean | undefined;
}

/** Plans the calls for a profile. */
export function planCredentials(request: PlanRequest): Plan {
  const { chain, source } = request;
  const profile = chain[0]!;
  const start = chain.findLastIndex(({ name }) => name === source.profile.name);
  const above = chain.slice(0, start).reverse();
  const roles = rolesFrom(source, above);
  const notes = sourceDurationNotes(source);
  const root = planRoot(chain, profile.roleDurationSeconds, notes);
  if (root !== undefined && roles.length === 0) {
    // AWS allows a session of GetSessionToken no STS call but AssumeRole.
    return { profile, source, steps: [root], notes: [...notes, ...rootNotes(request)] };
  }
  if (request.forConsole && isKey(source) && roles.length === 0) {
    notes.push(...federationNotes(profile, "console"));
    const why = "the console takes the credentials of a federated user, and not of a session";
    return { profile, source, steps: [federationStep({ ...request, why }, notes)], notes };
  }
  const session = isKey(source) ? planSession(request, above, roles, notes) : undefined;
  const steps = [
    ...(session ? [session] : []),
    ...planRoles(request, session, roles, root === undefined ? notes : []),
    ...(root ? [root] : []),
  ];
  noteDevices(steps, roles, notes);
  return { profile, source, steps, notes };
}

/** STS API, AssumeRoot: there is no parameter for an MFA device. */
function rootNotes({ source, chain }: PlanRequest): string[] {
  if (!isKey(source) || chain[0]!.mfaSerial === undefined) return [];
  return [
    "AssumeRoot cannot show an MFA device: if a policy requires MFA, first assume a role with it (role_arn)",
  ];
}

/** Whether it is a long-term key, as GetSessionToken and a role of more than an hour require. */
function isKey({ isLongTermKey }: PlanSource): boolean {
  return isLongTermKey;
}

/**
 * The roles to assume, nearest to the source first.
 *
 * The `role_arn` of the source's own profile counts, unless the source's own request takes it:
 * otherwise a `credential_process` with a `role_arn` beside it would hand out its own credentials,
 * which may have more permissions, under the name of the role.
 */
function rolesFrom({ row, profile }: PlanSource, above: readonly Profile[]): Profile[] {
  const own = row.takesRole ? [] : [profile];
  return [...own, ...above].filter(({ roleArn }) => roleArn !== undefined);
}

/**
 * GetSessionToken with the stored key, if it improves the plan.
 *
 * A profile between the key and the first role shares its session with the roles above it if both
 * name the same device. A session without MFA gains nothing, and limits roles to 1 h.
 */
function planSession(
  request: PlanRequest,
  above: readonly Profile[],
  roles: readonly Profile[],
  notes: string[],
): PlanStep | undefined {
  const { source } = request;
  const session = (holder: Profile, why: string) => sessionStep(request, holder, why, notes);
  const bySetting = !request.overridesSettings &&
    (request.chain[0]!.noSession || source.profile.noSession);
  const sessionsOff = !request.useSessions || bySetting;
  // A key with a `role_arn` needs a session only if another role shares it.
  if (sessionsOff || (source.profile.roleArn !== undefined && roles.length < 2)) return undefined;
  const holder = sessionHolder(source.profile, above, roles.length);
  if (roles.length === 0) {
    const why = "the long-term key itself is not given out";
    return holder && session(holder, why);
  }
  // Only a single role can last longer than an hour: with several roles, a session shares one code.
  if (roles.length === 1 && wantsLongRole(roles)) return undefined;
  const why = "one session with MFA serves every role of this key and device";
  if (holder !== undefined) return session(holder, why);
  const first = roles.findIndex((role) => role.mfaSerial !== undefined);
  if (first <= 0) return undefined;
  const role = roles[first]!;
  return session(role, `${quote(role.name)} requires MFA, which a role's session cannot show`);
}

/** The profile whose session it is: aws-vault 7's rule, from the key up to the first role. */
function sessionHolder(
  key: Profile,
  above: readonly Profile[],
  roleCount: number,
): Profile | undefined {
  const path = [key, ...above];
  for (const [i, profile] of path.entries()) {
    const user = path[i + 1];
    const isShared = profile.mfaSerial !== undefined && profile.mfaSerial === user?.mfaSerial;
    if (profile.roleArn !== undefined) {
      // A key's own profile may have a role, which shares its session with the next profile's.
      return i === 0 && isShared && user?.roleArn !== undefined ? profile : undefined;
    }
    if (user === undefined) return profile;
    if (isShared && (roleCount > 1 || !wantsLong(user))) return profile;
  }
  return undefined;
}

function sessionStep(
  request: PlanRequest,
  holder: Profile,
  why: string,
  notes: string[],
): PlanStep {
  const { profile } = request.source;
  const [asked] = request.chain;
  const isDeliverable = asked!.name === holder.name && asked!.roleArn === undefined;
  const wanted = isDeliverable
    ? request.lifetimes.sessionSeconds
    : request.lifetimes.chainedSessionSeconds;
  return {
    action: "GetSessionToken",
    profile,
    durationSeconds: clampDuration(wanted, SESSION_RANGE, {
      what: `The session of profile ${quote(profile.name)}`,
      note: (text) => notes.push(text),
    }),
    ...(holder.mfaSerial === undefined ? {} : { mfa: useMfa(request, holder, holder.mfaSerial) }),
    why,
  };
}

/**
 * The device of a profile, with the `mfa_process` of the profile itself, or of the nearest one
 * further along the chain with the same device: a code belongs to the device.
 */
function useMfa({ chain }: PlanRequest, holder: Profile, serial: string): MfaUse {
  const from = [holder, ...chain.slice(chain.indexOf(holder))];
  const known = from.find((profile) => profile.mfaSerial === serial && profile.mfaProcess);
  return { serial, profile: holder, mfaProcess: known?.mfaProcess };
}

/** AssumeRole for each role; the MFA device is shown at the first one if no session shows it. */
function planRoles(
  request: PlanRequest,
  session: PlanStep | undefined,
  roles: readonly Profile[],
  notes: string[],
): PlanStep[] {
  const { source } = request;
  const mayShow = source.row.canShowMfa && session?.mfa === undefined;
  const shower = mayShow ? roles.find((role) => role.mfaSerial !== undefined) : undefined;
  return roles.map((role, i) => {
    const isChained = i > 0 || session !== undefined || !isKey(source);
    const wanted = i === 0 && !isChained ? firstRoleSeconds(roles) : role.roleDurationSeconds;
    // Nobody requested the duration of a role in between: the notes are about the result only.
    const ownNotes = i === roles.length - 1 ? notes : [];
    return {
      action: "AssumeRole",
      profile: role,
      durationSeconds: limitRole(role, wanted, isChained, ownNotes),
      ...(i === 0 && shower ? { mfa: useMfa(request, shower, shower.mfaSerial!) } : {}),
      why: i === 0 && !isChained ? "straight from the key" : "from the credentials before it",
    };
  });
}

/** Adds a note about which device is shown, if the roles name several. */
function noteDevices(
  steps: readonly PlanStep[],
  roles: readonly Profile[],
  notes: string[],
): void {
  const shown = steps.find((step) => step.mfa !== undefined)?.mfa?.serial;
  const isOther = ({ mfaSerial }: Profile) => mfaSerial !== undefined && mfaSerial !== shown;
  if (shown === undefined || !roles.some(isOther)) return;
  notes.push(
    `The profiles name several MFA devices; only ${quote(shown)}, the nearest to the key, is shown`,
  );
}
