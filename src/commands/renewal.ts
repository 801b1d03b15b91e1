/** How a server renews credentials: on its own, and without a person. */

import type { Credentials } from "../credentials.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { hasCode, PassphraseNeeded, VaultError } from "../errors.ts";
import type { Env } from "../host.ts";
import { listPolicies } from "../session_policies.ts";
import type { Talk } from "../talk.ts";
import { asClause, commandLine, quote } from "../text.ts";
import type { GrantTerms } from "../grant_terms.ts";
import { combineWishes } from "../credentials/policies.ts";
import type { CommandContext, CredentialFlags, NarrowingFlags } from "./context.ts";
import { handOut } from "./hand_out.ts";
import { type AccessFlags, planAccess } from "./plan_access.ts";

/** The reason why a renewal without a window fails if it needs a person. */
const NOBODY_ASKED = "a renewal asks nobody";

/** The parameters of a renewal. */
export interface Renewal {
  /** The required remaining lifetime of the credentials, in seconds. */
  readonly minTtlSeconds: number;
  /** The command of this program that serves them, for the record of uses. */
  readonly by?: string;
  /** The terms of the grant that receives them, besides the flags. */
  readonly terms?: GrantTerms;
  /** The limits at the time of the grant; absent: those of the current settings. */
  readonly policies?: readonly string[];
  /** Replaces the profile's own plan. */
  readonly change?: (planned: ProfilePlan) => ProfilePlan;
  /** Gets the plan, as soon as there is one. */
  readonly onPlan?: (planned: ProfilePlan) => void;
  /** Whether a person is asked in a window; see {@linkcode asksInWindow}. */
  readonly mayAsk?: boolean;
  /** A person said yes to it when the server was started. */
  readonly isConfirmed?: boolean;
}

/**
 * Whether a person can be asked without a terminal: `--prompt` or its variable names another way to
 * ask.
 */
export function asksInWindow({ prompt, noPrompt }: CredentialFlags, env: Env): boolean {
  const driver = prompt ?? env.get("AWS_VAULT_PROMPT");
  return noPrompt !== true && driver !== undefined && driver !== "" && driver !== "terminal";
}

/**
 * Obtains a profile's credentials in a separate invocation, so that the keystore does not stay open in
 * between. Asks nobody, except in a window: the terminal belongs to another program, and a request does
 * not wait.
 */
export async function obtainAlone(
  context: CommandContext,
  { mfaToken: _, ...given }: AccessFlags,
  profile: string,
  { minTtlSeconds, by = "serve", terms = {}, change = (planned) => planned, ...renewal }: Renewal,
): Promise<Credentials> {
  const { mayAsk = false, isConfirmed, policies, onPlan } = renewal;
  const asking = { ...given, noPrompt: !mayAsk };
  const invocation = context.openAside(asking, given.noPrompt ? undefined : NOBODY_ASKED);
  try {
    const flags = { ...asking, ...withTerms(given, terms) };
    const planned = change(await planAccess(invocation, flags, profile));
    onPlan?.(planned);
    requireSame(planned, policies);
    return await handOut(invocation, flags, planned, { by, isConfirmed }, minTtlSeconds);
  } catch (error) {
    throw hasCode(error, "needs-person", "keyring-locked") ? missing(error, profile, by) : error;
  } finally {
    await invocation.close();
  }
}

/**
 * A grant gives what `grant --list` shows for it: after a change of the settings neither more, nor something
 * else under the same name. Throws `conflict`.
 */
function requireSame({ guard, profile }: ProfilePlan, made: readonly string[] | undefined): void {
  const now = guard.policies === undefined ? [] : listPolicies(guard.policies);
  if (made === undefined || JSON.stringify(now) === JSON.stringify(made)) return;
  const message = `What narrows profile ${
    quote(profile.name)
  } has changed since the grant was made`;
  throw new VaultError("conflict", message, {
    hints: [`Create a new grant: ${commandLine(["grant"], profile.name)}`],
  });
}

/** The flags of a server under the terms of a grant. Throws `bad-usage` if they conflict. */
export function withTerms(flags: NarrowingFlags, terms: GrantTerms): GrantTerms {
  return { ...combineWishes(flags, terms), agent: terms.agent };
}

/** Whether the plan needs an MFA code that no program provides. */
export function mayNeedPerson({ plan }: ProfilePlan): boolean {
  return plan.steps.some(({ mfa }) => mfa !== undefined && mfa.profile.mfaProcess === undefined);
}

/**
 * A person who runs the hint leaves new credentials in the cache, where the next renewal finds them. Without
 * `--min-ttl`, which is `LEAST_LIFE_SECONDS` in whole minutes, `export` could accept the lifetime of the
 * credentials that are to be renewed. What is unlocked for the login session serves `serve`, but not the
 * command of `exec`, and so not its server either.
 */
function missing(error: VaultError, profile: string, by: string): VaultError {
  const inTerminal = hintAtTerminal(profile);
  const restart = error instanceof PassphraseNeeded ? [error.remedy] : [];
  const hints = restart.length > 0 && by !== "serve" ? restart : [inTerminal, ...restart];
  return new VaultError(error.code, `A person is needed: ${asClause(error.message)}`, { hints });
}

function hintAtTerminal(profile: string): string {
  return `Run in another terminal: ${commandLine(["export", "--min-ttl=6m"], profile)}`;
}

/**
 * Reports a failed renewal in one line on standard error: the terminal belongs to another program. Names the
 * role if these are not the profile's own credentials.
 */
export function reportRenewal(
  talk: Talk,
  { profile, roleArn }: { profile: string; roleArn?: string | undefined },
  { message, hints }: VaultError,
): void {
  const ofProfile = `profile ${quote(profile)}`;
  const whose = roleArn === undefined ? ofProfile : `role ${quote(roleArn)} (${ofProfile})`;
  const what = `Cannot renew the credentials of ${whose}: ${asClause(message)}`;
  talk.warn([what, ...hints].join(". "));
}
