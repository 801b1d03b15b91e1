/** Finds where a chain of profiles starts: which profile has credentials of its own, and of what source. */

import type { Profile } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { CredentialSource, MatchDeps, SourceRequest } from "./source.ts";

/** The start of a plan. */
export interface PlanSource {
  readonly row: CredentialSource;
  readonly profile: Profile;
  /** The keyring item of the long-term key, where it is one. */
  readonly keyName: string | undefined;
  /** A user's long-term key, wherever it is kept. */
  readonly isLongTermKey: boolean;
  /** What its own request asks besides the profile's settings. */
  readonly request?: SourceRequest | undefined;
}

/** Makes the start of a plan of a row and a profile. */
export function planSource(row: CredentialSource, profile: Profile): PlanSource {
  const keyName = row.keyName?.(profile);
  const isLongTermKey = keyName !== undefined || row.givesLongTermKey === true;
  return { row, profile, keyName, isLongTermKey };
}

/**
 * The start of a chain (the profile asked for first).
 *
 * A stored key starts it wherever it stands, the nearest to the profile asked for; any other source
 * only at the end, where no `source_profile` leads further. Throws `no-profile` when the profile is
 * neither configured nor stored, `no-credentials` when its chain ends without any, and what the row
 * has against the profile's settings.
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

/** What a source whose settings are there has against the profile. */
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

/** Which of a chain's names has nothing to start from; {@linkcode planForProfile} says what to do about it. */
export class MissingSource extends VaultError {
  readonly asked: Profile;
  readonly end: Profile;
  /** What a source has against the end, as a clause. */
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
