/** Finds the start of a chain: the profile with credentials from a source, and that source. */

import type { Profile } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { CredentialSource, MatchDeps, SourceRequest } from "./source.ts";

/** The start of a plan. */
export interface PlanSource {
  readonly row: CredentialSource;
  readonly profile: Profile;
  /** The keyring item of the long-term key, if the source is one. */
  readonly keyName: string | undefined;
  /** Whether it is a user's long-term key, wherever it is kept. */
  readonly isLongTermKey: boolean;
  /** Additions to its own request besides the profile's settings. */
  readonly request?: SourceRequest | undefined;
}

/** Makes the start of a plan from a row and a profile. */
export function planSource(row: CredentialSource, profile: Profile): PlanSource {
  const keyName = row.keyName?.(profile);
  const isLongTermKey = keyName !== undefined || row.givesLongTermKey === true;
  return { row, profile, keyName, isLongTermKey };
}

/**
 * Finds the start of a chain (the requested profile first).
 *
 * A stored key starts the chain at any profile, the nearest to the requested one; any other source
 * only at the end, where there is no further `source_profile`. Throws `no-profile` if the profile
 * is neither configured nor stored, `no-credentials` if its chain ends without credentials, and the
 * row's errors about the profile's settings.
 */
export async function findSource(
  chain: readonly Profile[],
  sources: readonly CredentialSource[],
  deps: MatchDeps,
): Promise<PlanSource> {
  const end = chain.at(-1)!;
  for (const profile of chain) {
    for (const row of sources) {
      const mayStart = profile === end || row.keyName !== undefined;
      if (!mayStart || !await row.matches(profile, deps)) continue;
      row.check?.(profile, chain);
      return planSource(row, profile);
    }
  }
  throw missing(chain[0]!, end, await whyNone(end, sources, deps));
}

/** Why a source does not match a profile that has its settings. */
async function whyNone(
  profile: Profile,
  sources: readonly CredentialSource[],
  deps: MatchDeps,
): Promise<string | undefined> {
  for (const row of sources) {
    const why = await row.whyNot?.(profile, deps);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Reports the end of a chain that has no credentials; {@linkcode planForProfile} adds what to do. */
export class MissingSource extends VaultError {
  readonly asked: Profile;
  readonly end: Profile;
  /** Why no source matches at the end, as a clause. */
  readonly why: string | undefined;

  constructor(
    code: "no-profile" | "no-credentials",
    asked: Profile,
    end: Profile,
    why: string | undefined,
  ) {
    super(code, `Cannot get credentials for profile ${quote(asked.name)}`);
    this.asked = asked;
    this.end = end;
    this.why = why;
  }
}

function missing(asked: Profile, end: Profile, why: string | undefined): MissingSource {
  const code = asked.isConfigured ? "no-credentials" : "no-profile";
  return new MissingSource(code, asked, end, why);
}
