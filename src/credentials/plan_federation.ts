/** GetFederationToken: it narrows a key, and its result can sign in to the console. */

import type { Lifetimes } from "../config/lifetimes.ts";
import type { Profile } from "../config/profile.ts";
import { quote } from "../text.ts";
import type { PlanSource } from "./find_source.ts";
import { clampDuration, SESSION_RANGE } from "./plan_limits.ts";

/** The call. */
interface FederationStep {
  readonly action: "GetFederationToken";
  readonly profile: Profile;
  readonly durationSeconds: number;
  readonly why: string;
}

/** GetFederationToken with the key of a source. */
export function federationStep(
  { source, lifetimes, why }: {
    readonly source: PlanSource;
    readonly lifetimes: Lifetimes;
    readonly why: string;
  },
  notes: string[],
): FederationStep {
  return {
    action: "GetFederationToken",
    profile: source.profile,
    durationSeconds: clampDuration(lifetimes.federationSeconds, SESSION_RANGE, {
      what: `The federated session of profile ${quote(source.profile.name)}`,
      note: (text) => notes.push(text),
    }),
    why,
  };
}

/** STS API, GetFederationToken: there is no parameter for an MFA device. */
export function federationNotes(
  { name, mfaSerial }: Profile,
  kind: "console" | "federated",
): string[] {
  if (mfaSerial === undefined) return [];
  return [
    `The ${kind} session of profile ${quote(name)} has no MFA, which GetFederationToken cannot ` +
    "use: what its policies allow only with MFA is denied; a role can use MFA",
  ];
}
