/** What `list` says of what profiles start with and ends by itself: certificates. */

import { settingsOf } from "../config/inherit.ts";
import { resolveProfile } from "../config/profile.ts";
import { describeEnd, isEnding } from "../credentials/expiry.ts";
import { type CredentialSource, type SourceEnd, sourceSettings } from "../credentials/source.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import type { Row } from "./list_rows.ts";

/** The rows, with the end of what they start with where that can be seen without a person; says what ends soon. */
export async function withEnds(invocation: Invocation, rows: readonly Row[]): Promise<Row[]> {
  const { host, sources } = invocation;
  const ending = sources.filter(({ end }) => end !== undefined);
  const now = host.clock.now();
  const all: Row[] = [];
  for (const row of rows) {
    const end = row.hasKey ? undefined : await endOf(invocation, ending, row.profile);
    all.push(end === undefined ? row : { ...row, end });
    if (end === undefined || !isEnding(end.at, now)) continue;
    host.talk.note(`The ${end.what} of profile ${quote(row.profile!)} ${describeEnd(end.at, now)}`);
  }
  return all;
}

async function endOf(
  invocation: Invocation,
  ending: readonly CredentialSource[],
  profile: string | undefined,
): Promise<SourceEnd | undefined> {
  if (profile === undefined) return undefined;
  const { host, config, sources } = invocation;
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
    return await row.end!({ host, keyring: invocation.quietKeyring }, resolved);
  } catch (error) {
    // A profile that has something wrong with it is listed, too.
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
