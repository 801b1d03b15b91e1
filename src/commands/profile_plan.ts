import { durationFrom, resolveLifetimes } from "../config/lifetimes.ts";
import { withoutOuterExec } from "../config/outer_exec.ts";
import { type Profile, resolveChain } from "../config/profile.ts";
import type { Credentials } from "../credentials.ts";
import { obtainCredentials } from "../credentials/obtain.ts";
import { type Plan, planCredentials } from "../credentials/plan.ts";
import { VaultError } from "../errors.ts";
import type { CredentialFlags, Invocation } from "./context.ts";

/** What is done for a profile, and the settings it is done with. */
export interface ProfilePlan {
  readonly plan: Plan;
  /** The profile asked for, resolved. */
  readonly profile: Profile;
}

/** The profile that a command means: its argument, else `AWS_PROFILE`. */
export function chooseProfile(invocation: Invocation, argument: string | undefined): string {
  const name = argument ?? invocation.host.env.get("AWS_PROFILE");
  if (name) return name;
  throw new VaultError("bad-usage", "Cannot tell which profile is meant: none is named", {
    hints: ["Name one, or set AWS_PROFILE", "See all profiles: aws-vault list"],
  });
}

/** Plans the calls for a profile: its chain from the config file, and which of its names have a stored key. */
export async function planForProfile(
  invocation: Invocation,
  flags: CredentialFlags,
  name: string,
): Promise<ProfilePlan> {
  const env = withoutOuterExec(invocation.host.env, invocation.config());
  const seconds = durationSeconds(invocation, flags);
  const chain = await dropOwnProcesses(
    invocation,
    resolveChain(invocation.config(), name, {
      env,
      activeProfile: name,
      flags: {
        ...(flags.region === undefined ? {} : { region: flags.region }),
        ...(seconds === undefined ? {} : { durationSeconds: seconds }),
      },
    }),
  );
  const keyring = await invocation.keyring();
  const stored = new Set<string>();
  for (const profile of chain) if (await keyring.has(profile.name)) stored.add(profile.name);
  const plan = planCredentials({
    chain,
    hasKey: (profile) => stored.has(profile),
    lifetimes: resolveLifetimes(env, seconds === undefined ? {} : { durationSeconds: seconds }),
    useSessions: !flags.noSession,
  });
  return { plan, profile: chain[0]! };
}

/**
 * Leaves out a `credential_process` that runs this program for the same profile: such a line is for
 * SDKs, and says nothing about where the credentials come from (pains 18).
 */
async function dropOwnProcesses(
  invocation: Invocation,
  chain: readonly Profile[],
): Promise<Profile[]> {
  if (chain.every((profile) => profile.credentialProcess === undefined)) return [...chain];
  const { isOwnCommand } = await import("../credentials/process.ts");
  return chain.map((profile) => {
    const { credentialProcess: command, ...rest } = profile;
    const isOwn = command !== undefined &&
      isOwnCommand({ profile: profile.name, command }, invocation.host.platform);
    return isOwn ? rest : profile;
  });
}

/** `--duration`, else `AWS_VAULT_DURATION`, in seconds. */
function durationSeconds(invocation: Invocation, flags: CredentialFlags): number | undefined {
  return flags.duration ?? durationFrom(invocation.host.env, "AWS_VAULT_DURATION");
}

/** Obtains the credentials of a planned profile, and says what the plan had to change. */
export async function obtainPlanned(
  invocation: Invocation,
  flags: CredentialFlags,
  planned: ProfilePlan,
  minTtlSeconds?: number,
): Promise<Credentials> {
  for (const note of planned.plan.notes) invocation.talk.note(note);
  const lifetimes = resolveLifetimes(invocation.host.env, {});
  const { host, talk } = invocation;
  return await obtainCredentials(
    { host, talk, keyring: () => invocation.keyring(), cache: () => invocation.cache() },
    planned.plan,
    {
      lifetimes,
      minTtlSeconds: Math.max(minTtlSeconds ?? 0, lifetimes.minTtlSeconds),
      useCache: !flags.noCache,
      mfaToken: flags.mfaToken,
      promptDriver: flags.prompt ?? host.env.get("AWS_VAULT_PROMPT"),
      mayPrompt: invocation.mayPrompt,
      waitMs: flags.wait === undefined ? undefined : flags.wait * 1000,
    },
  );
}
