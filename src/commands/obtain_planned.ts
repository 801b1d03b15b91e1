import { detectAgent } from "../agent.ts";
import type { Credentials } from "../credentials.ts";
import { obtainCredentials } from "../credentials/obtain.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import type { CredentialFlags, Invocation } from "./context.ts";
import { signInOptions } from "./sign_in_options.ts";

/** Obtains the credentials of a planned profile as the flags request. */
export async function obtainPlanned(
  invocation: Invocation,
  flags: CredentialFlags,
  { plan, lifetimes, profile, guard }: ProfilePlan,
  minTtlSeconds = 0,
  { renewsEarly = false, onCall }: {
    readonly renewsEarly?: boolean;
    readonly onCall?: (action: string) => void;
  } = {},
): Promise<Credentials> {
  const agent = guard.agent ?? detectAgent(invocation.host.env);
  const share = { profile: plan.source.profile, asked: profile, flags, agent };
  const sharesCache = agent === undefined || share.profile.sso === undefined
    ? flags.ssoCache
    : (await import("./share_login.ts")).sharesLogin(invocation, share);
  const browser = profile.browser ?? plan.source.profile.browser;
  const signIn = { ...signInOptions(invocation, flags, browser), sharesCache };
  const deps = { ...invocation, signIn };
  return await obtainCredentials(deps, plan, {
    lifetimes,
    minTtlSeconds: Math.max(minTtlSeconds, lifetimes.minTtlSeconds),
    useCache: !flags.noCache,
    // A caller that sets the minimum decides what counts as early.
    renewWith: renewsEarly && !invocation.host.env.get("AWS_MIN_TTL")
      ? invocation.quietKeyring
      : undefined,
    mfaToken: flags.mfaToken,
    promptDriver: flags.prompt ?? invocation.host.env.get("AWS_VAULT_PROMPT"),
    mayPrompt: invocation.mayPrompt,
    whyUnasked: invocation.whyUnasked,
    onCall,
    waitMs: flags.wait === undefined ? undefined : flags.wait * 1000,
  });
}

/** Reports what the plan changed about the request, and why. */
export function notePlan({ host }: Invocation, { plan }: ProfilePlan): void {
  for (const note of plan.notes) host.talk.insist(note);
}
