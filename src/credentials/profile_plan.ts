import { durationFrom, type Lifetimes, resolveLifetimes } from "../config/lifetimes.ts";
import { withoutOuterExec } from "../config/outer_exec.ts";
import {
  type ConfigFile,
  type Profile,
  type ProfileSettings,
  resolveChain,
} from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import type { Env, Host } from "../host.ts";
import type { Keyring } from "../keyring.ts";
import { findSource, MissingSource, type PlanSource } from "./find_source.ts";
import { type Guard, type GuardWishes, NO_GUARD, resolveGuard } from "./guard.ts";
import { guardPlan } from "./guard_plan.ts";
import { type Plan, planCredentials } from "./plan.ts";
import { parseRoleArn } from "./role_arn.ts";
import { requireOwnPartition } from "./role_partition.ts";
import { type CredentialSource, sourceSettings } from "./source.ts";

/** The dependencies of planning for a profile. */
export interface PlanningDeps {
  readonly host: Pick<Host, "env" | "platform" | "files">;
  readonly sources: readonly CredentialSource[];
  readonly config: () => ConfigFile;
  readonly keyring: () => Promise<Keyring>;
  /** Resolves the chain of a profile; absent: {@linkcode resolveChain}. */
  readonly resolve?: (name: string, settings: ProfileSettings) => Promise<Profile[]>;
}

/** The options of a command line about the credentials. */
export interface PlanWishes extends GuardWishes {
  /** In seconds (`--duration`). */
  readonly duration?: number | undefined;
  readonly region?: string | undefined;
  /** A role to assume with the profile's credentials (`--role-arn`). */
  readonly roleArn?: string | undefined;
  readonly roleSessionName?: string | undefined;
  /** The result signs in to the console. */
  readonly forConsole?: boolean | undefined;
  /**
   * `shown`: nothing is handed out, and the plan is made even if a guard rail refuses it. `own`: the program
   * signs its own calls with the credentials, which no guard rail narrows. Absent: they are handed out.
   */
  readonly use?: "shown" | "own" | undefined;
}

/** The plan for a profile, and the settings that it is carried out with. */
export interface ProfilePlan {
  /** The plan within its guard rails. */
  readonly plan: Plan;
  /** The same without guard rails, for a role that is added to its end. */
  readonly unguarded: Plan;
  readonly guard: Guard;
  /** The requested profile, resolved. */
  readonly profile: Profile;
  readonly lifetimes: Lifetimes;
  /** The environment without the variables that an outer `exec` set for its own profile. */
  readonly env: Env;
  /** Whether no file is left on this machine, not even the record of its use. */
  readonly leavesNothing?: boolean | undefined;
}

/** The requested profile: a command's argument, else `AWS_PROFILE`. */
export function chooseProfile({ host }: PlanningDeps, argument: string | undefined): string {
  const name = argument || host.env.get("AWS_PROFILE");
  if (name) return name;
  throw new VaultError("bad-usage", "Cannot tell which profile is meant: none is named", {
    hints: ["Name one, or set AWS_PROFILE", "See all profiles: aws-vault list"],
  });
}

/** Plans the calls for a profile, from its chain in the config file and the stored keys of its names. */
export async function planForProfile(
  deps: PlanningDeps,
  wishes: PlanWishes,
  name: string,
): Promise<ProfilePlan> {
  const own = sourceSettings(deps.sources);
  const env = withoutOuterExec(deps.host.env, deps.config(), own);
  const notes = new Set<string>();
  const onBadVariable = (text: string) => notes.add(text);
  const durationSeconds = wishes.duration ??
    durationFrom(deps.host.env, "AWS_VAULT_DURATION", onBadVariable);
  const settings = {
    env,
    activeProfile: name,
    flags: { region: wishes.region, durationSeconds },
    sourceSettings: own,
    onBadVariable,
  };
  const chain = await deps.resolve?.(name, settings) ?? resolveChain(deps.config(), name, settings);
  const source = await startOf(deps, chain);
  const lifetimes = resolveLifetimes(env, { durationSeconds }, onBadVariable);
  const wished = withWishedRole(chain, wishes);
  const { noSession, forConsole, use } = wishes;
  const sessions = { useSessions: !noSession, overridesSettings: noSession === false };
  const request = { chain: wished, source, lifetimes, ...sessions, forConsole };
  const profile = wished[0]!;
  const guard = use === "own" ? NO_GUARD : resolveGuard({ host: deps.host, profile, wishes });
  if (use !== "shown" && guard.refusal !== undefined) throw guard.refusal;
  const planned = planCredentials(request);
  requireOwnPartition(planned, env, wishes);
  const unguarded = { ...planned, notes: [...notes, ...planned.notes] };
  const plan = guardPlan(unguarded, guard, lifetimes);
  return { plan, unguarded, guard, profile, lifetimes, env };
}

/** Finds where the chain starts; an error about a name includes hints about that name. */
async function startOf(deps: PlanningDeps, chain: readonly Profile[]): Promise<PlanSource> {
  try {
    return await findSource(chain, deps.sources, {
      hasKey: async (profile) => (await deps.keyring()).has(profile),
      host: deps.host,
    });
  } catch (error) {
    if (!(error instanceof MissingSource)) throw error;
    const { noCredentials, noProfile } = await import("./missing_profile.ts");
    const { asked, end } = error;
    if (error.code === "no-profile") throw await noProfile(deps, asked.name);
    throw await noCredentials(deps, asked.name, {
      end: end.name,
      isConfigured: end.isConfigured,
      why: error.why,
    });
  }
}

/**
 * The chain with one more role before it, assumed with the profile's credentials: it has the
 * profile's region, endpoint, MFA device and duration, but not the settings of the profile's role.
 */
function withWishedRole(
  chain: readonly Profile[],
  { roleArn, roleSessionName }: PlanWishes,
): readonly Profile[] {
  if (roleArn === undefined) {
    if (roleSessionName === undefined) return chain;
    const named = { ...chain[0]!, roleSessionName };
    return [named, ...chain.slice(1)];
  }
  const { externalId: _, sourceProfile: __, accountId: ___, rootTaskPolicy: ____, ...profile } =
    chain[0]!;
  return [
    {
      ...profile,
      roleArn: parseRoleArn(roleArn, profile.region),
      ...(roleSessionName !== undefined && { roleSessionName }),
      sourceSettings: {},
      sessionTags: [],
      transitiveTagKeys: [],
    },
    ...chain,
  ];
}
