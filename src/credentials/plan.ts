/**
 * The plan: which calls turn what is stored into the credentials that were asked for, and why.
 *
 * Pure: profiles in, steps out, nothing read and nobody asked. Three rules of AWS bind every plan:
 *
 * 1. A second factor belongs to a user: only a call signed with the user's key can show it, never
 *    one signed by a role's session.
 * 2. A code works once per device: a run shows a device once, and all later steps share its session.
 * 3. A role assumed with a session or with a role lives at most one hour.
 *
 * Within them the calls are those of aws-vault 7.2 wherever AWS accepts them, so that trust policies
 * and CloudTrail see what they always saw.
 */

import type { Lifetimes } from "../config/lifetimes.ts";
import type { Profile } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { CHAINED_ROLE_MAX_SECONDS, clampSession, sayDuration } from "./plan_limits.ts";

/** Where a plan starts. */
export type PlanSource =
  /** A long-term key in the keyring, under the profile's name. */
  | { readonly kind: "stored-key"; readonly profile: Profile }
  /** A program that prints credentials. */
  | { readonly kind: "credential-process"; readonly profile: Profile; readonly command: string }
  /** A role assumed with a token of somebody else's identity provider. */
  | { readonly kind: "web-identity"; readonly profile: Profile };

/** A second factor to be shown. */
export interface MfaUse {
  readonly serial: string;
  /** The profile whose `mfa_process` gives the code, where it has one. */
  readonly profile: Profile;
}

/** One call to AWS's STS, signed with what the step before it gave. */
export interface PlanStep {
  readonly action: "GetSessionToken" | "AssumeRole";
  /** Whose settings (region, endpoint, role) the call uses. */
  readonly profile: Profile;
  /** What the call asks for; AWS's limits are already kept. */
  readonly durationSeconds: number;
  readonly mfa?: MfaUse | undefined;
  /** Why this call is made, one clause for `explain`. */
  readonly why: string;
}

/** What is done for one profile. */
export interface Plan {
  readonly profile: Profile;
  readonly source: PlanSource;
  readonly steps: readonly PlanStep[];
  /** What differs from the wish and why, for the person. */
  readonly notes: readonly string[];
}

/** What a plan is made from. */
export interface PlanRequest {
  /** The profile asked for, then its `source_profile`, and so on to the end of the chain. */
  readonly chain: readonly Profile[];
  /** Whether a long-term key is stored under a name. */
  readonly hasKey: (name: string) => boolean;
  readonly lifetimes: Lifetimes;
  /** False: no GetSessionToken (`--no-session`). */
  readonly useSessions: boolean;
}

/**
 * Plans the calls for a profile.
 *
 * Throws `no-profile` when the profile is neither configured nor stored, and `no-credentials` when
 * its chain ends without any.
 */
export function planCredentials(request: PlanRequest): Plan {
  const { source, above } = findSource(request);
  const profile = request.chain[0]!;
  const roles = rolesFrom(source, above);
  const notes: string[] = [];
  const session = source.kind === "stored-key"
    ? planSession(request, source, above, roles)
    : undefined;
  const steps = [...(session ? [session] : []), ...planRoles(source, session, roles, notes)];
  noteDevices(steps, roles, notes);
  return { profile, source, steps, notes };
}

/** The nearest profile of the chain that has credentials of its own, and the profiles above it, nearest first. */
function findSource(request: PlanRequest): { source: PlanSource; above: Profile[] } {
  const chain = request.chain;
  const keyed = chain.findIndex((profile) => request.hasKey(profile.name));
  const end = keyed >= 0 ? keyed : chain.length - 1;
  const above = chain.slice(0, end).reverse();
  const profile = chain[end]!;
  if (keyed >= 0) return { source: { kind: "stored-key", profile }, above };
  if (profile.sso !== undefined) throw ssoUnsupported(profile);
  if (profile.webIdentity !== undefined) {
    return { source: { kind: "web-identity", profile }, above };
  }
  if (profile.credentialProcess !== undefined) {
    const command = profile.credentialProcess;
    return { source: { kind: "credential-process", profile, command }, above };
  }
  throw missing(chain[0]!, profile);
}

function missing(asked: Profile, end: Profile): VaultError {
  if (!asked.isConfigured) {
    return new VaultError(
      "no-profile",
      `Cannot find profile ${quote(asked.name)}: it is neither in the config file nor stored`,
      {
        hints: [
          "See all profiles: aws-vault list",
          `Store a key for it: aws-vault add ${asked.name}`,
        ],
      },
    );
  }
  const whose = asked.name === end.name
    ? `no key is stored for profile ${quote(end.name)}`
    : `its source profile ${quote(end.name)} has no stored key`;
  return new VaultError(
    "no-credentials",
    `Cannot get credentials for profile ${quote(asked.name)}: ${whose}`,
    { hints: [`Store one: aws-vault add ${end.name}`] },
  );
}

function ssoUnsupported(profile: Profile): VaultError {
  return new VaultError(
    "unsupported",
    `Cannot get credentials for profile ${
      quote(profile.name)
    }: IAM Identity Center is not supported by this version`,
    {
      hints: [
        "Give the profile a credential_process that runs: aws configure export-credentials --profile NAME",
      ],
    },
  );
}

/** The roles to assume, nearest to the source first. */
function rolesFrom(source: PlanSource, above: readonly Profile[]): Profile[] {
  const own = source.kind === "stored-key" ? [source.profile] : [];
  return [...own, ...above].filter((profile) => profile.roleArn !== undefined);
}

/**
 * GetSessionToken from the stored key, where the plan is better with it.
 *
 * A profile between the key and the first role shares its session with the roles above it when both
 * name the same device; a session that nobody needs a code for gains nothing and limits roles to 1 h.
 */
function planSession(
  request: PlanRequest,
  source: PlanSource,
  above: readonly Profile[],
  roles: readonly Profile[],
): PlanStep | undefined {
  const sessionsOff = !request.useSessions || request.chain[0]!.noSession ||
    source.profile.noSession;
  if (sessionsOff || source.profile.roleArn !== undefined) return undefined;
  const holder = sessionHolder(source.profile, above);
  if (roles.length === 0) {
    return holder &&
      sessionStep(
        request,
        source.profile,
        holder,
        "the key itself leaves this machine's keystore only by a session",
      );
  }
  if (wantsLongRole(roles)) return undefined;
  const why = "one session with a second factor serves every role of this key and device";
  if (holder !== undefined) return sessionStep(request, source.profile, holder, why);
  const first = roles.findIndex((role) => role.mfaSerial !== undefined);
  return first > 0
    ? sessionStep(
      request,
      source.profile,
      roles[first]!,
      `${quote(roles[first]!.name)} asks for a second factor, which a role's session cannot show`,
    )
    : undefined;
}

/** The profile whose session it is: 7.2's rule, walked from the key up to the first role. */
function sessionHolder(key: Profile, above: readonly Profile[]): Profile | undefined {
  const path = [key, ...above];
  for (const [i, profile] of path.entries()) {
    if (profile.roleArn !== undefined) return undefined;
    const user = path[i + 1];
    if (user === undefined) return profile;
    const isShared = profile.mfaSerial !== undefined && profile.mfaSerial === user.mfaSerial;
    if (isShared && !wantsLong(user)) return profile;
  }
  return undefined;
}

function wantsLong(profile: Profile): boolean {
  return (profile.roleDurationSeconds ?? 0) > CHAINED_ROLE_MAX_SECONDS;
}

function sessionStep(
  request: PlanRequest,
  key: Profile,
  holder: Profile,
  why: string,
): PlanStep {
  const isDeliverable = request.chain[0]!.name === holder.name && holder.roleArn === undefined;
  const wanted = isDeliverable
    ? request.lifetimes.sessionSeconds
    : request.lifetimes.chainedSessionSeconds;
  return {
    action: "GetSessionToken",
    profile: key,
    durationSeconds: clampSession(wanted),
    ...(holder.mfaSerial === undefined
      ? {}
      : { mfa: { serial: holder.mfaSerial, profile: holder } }),
    why,
  };
}

/** Whether the first role must come straight from the key: AWS gives it more than an hour only then. */
function wantsLongRole(roles: readonly Profile[]): boolean {
  return firstRoleSeconds(roles) > CHAINED_ROLE_MAX_SECONDS;
}

/**
 * What the first role asks for: its own wish, else a wish for more than an hour of the profile asked
 * for, which only the first role can be given (contracts 13).
 */
function firstRoleSeconds(roles: readonly Profile[]): number {
  const [first, last] = [roles[0]!, roles.at(-1)!];
  const inherited = wantsLong(last) ? last.roleDurationSeconds : undefined;
  return first.roleDurationSeconds ?? inherited ?? CHAINED_ROLE_MAX_SECONDS;
}

/** AssumeRole for each role, the second factor shown at the first where no session shows it. */
function planRoles(
  source: PlanSource,
  session: PlanStep | undefined,
  roles: readonly Profile[],
  notes: string[],
): PlanStep[] {
  const mayShow = source.kind !== "web-identity" && session?.mfa === undefined;
  const shower = mayShow ? roles.find((role) => role.mfaSerial !== undefined) : undefined;
  return roles.map((role, i) => {
    const isChained = i > 0 || session !== undefined || source.kind !== "stored-key";
    const wanted = i === 0 && !isChained ? firstRoleSeconds(roles) : role.roleDurationSeconds;
    return {
      action: "AssumeRole",
      profile: role,
      durationSeconds: limitRole(role, wanted, isChained, notes),
      ...(i === 0 && shower ? { mfa: { serial: shower.mfaSerial!, profile: shower } } : {}),
      why: i === 0 && !isChained ? "straight from the key" : "from the credentials before it",
    };
  });
}

function limitRole(
  role: Profile,
  wanted: number | undefined,
  isChained: boolean,
  notes: string[],
): number {
  if (wanted === undefined) return CHAINED_ROLE_MAX_SECONDS;
  if (!isChained || wanted <= CHAINED_ROLE_MAX_SECONDS) return wanted;
  notes.push(
    `The role of profile ${quote(role.name)} lasts 1h instead of ${sayDuration(wanted)}: ` +
      "AWS limits a role that is assumed with a role or a session",
  );
  return CHAINED_ROLE_MAX_SECONDS;
}

/** Says which device is shown where the roles name more than one. */
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
