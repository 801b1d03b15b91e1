/** The column of `list` for sources that expire by themselves: certificates. */

import { settingsOf } from "../config/inherit.ts";
import { resolveProfile } from "../config/profile.ts";
import { profilesWith } from "../config/setting_scan.ts";
import { describeEnd, isEnding } from "../credentials/expiry.ts";
import { type CredentialSource, type SourceEnd, sourceSettings } from "../credentials/source.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import type { Row } from "./list_rows.ts";

/** Adds the expiration of each row's source, if readable without a person; reports those that end soon. */
export async function withEnds(
  invocation: Invocation,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const { host, sources } = invocation;
  const ending = sources.filter(({ end }) => end !== undefined);
  const now = host.clock.now();
  const mayEnd = profilesThatMayEnd(invocation, ending);
  if (mayEnd === undefined) return rows;
  const all: Row[] = [];
  for (const row of rows) {
    const isOut = row.hasKey || row.profile === undefined || !mayEnd(row.profile);
    const end = isOut ? undefined : await endOf(invocation, ending, row.profile);
    all.push(end === undefined ? row : { ...row, end });
    if (end === undefined || !isEnding(end.at, now)) continue;
    host.talk.note(`The ${end.what} of profile ${quote(row.profile!)} ${describeEnd(end.at, now)}`);
  }
  return all;
}

/**
 * The profiles to read for it: those that have such a setting, and those that include others; `undefined`
 * if there are none.
 */
function profilesThatMayEnd(
  { config }: Invocation,
  ending: readonly CredentialSource[],
): ((profile: string) => boolean) | undefined {
  try {
    const own = profilesWith(config(), ending.flatMap(({ settings }) => settings));
    if (own.size === 0) return undefined;
    const including = profilesWith(config(), ["include_profile", "parent_profile"]);
    return (profile) => own.has(profile) || including.has(profile);
  } catch (error) {
    if (error instanceof VaultError) return () => true;
    throw error;
  }
}

async function endOf(
  invocation: Invocation,
  ending: readonly CredentialSource[],
  profile: string | undefined,
): Promise<SourceEnd | undefined> {
  if (profile === undefined) return undefined;
  const { host, config, sources } = invocation;
  const cache = () => invocation.cache();
  const own = sourceSettings(sources);
  try {
    const settings = settingsOf(config(), profile, own);
    const row = ending.find((one) => one.settings.some((name) => settings.get(name)));
    if (row === undefined) return undefined;
    const resolved = resolveProfile(config(), profile, {
      env: host.env,
      flags: {},
      activeProfile: profile,
      sourceSettings: own,
    });
    return await row.end!({ host, cache, keyring: invocation.quietKeyring }, resolved);
  } catch (error) {
    // A profile with a mistake is also listed.
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
