/** The rows of `list`, one per profile, key or name of sessions, as a table and as JSON. */

import type { SessionSummary } from "../cache/session_rows.ts";
import { profilesWith } from "../config/setting_scan.ts";
import type { SourceEnd } from "../credentials/source.ts";
import { formatDuration } from "../credentials/plan_limits.ts";
import { sourceSettings } from "../credentials/source.ts";
import { isMadeThen } from "../rotation/age.ts";
import type { Invocation } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { describeRows } from "./list_account.ts";
import { renderTable } from "./table.ts";

/** One row of the list. */
export interface Row {
  readonly profile: string | undefined;
  readonly hasKey: boolean;
  readonly name: string | undefined;
  readonly sessions: readonly SessionSummary[];
  /** When the stored key was created, if known. */
  readonly created: Temporal.Instant | undefined;
  /** The expiration of the profile's source, if it has a visible one. */
  readonly end?: SourceEnd;
}

/** The configured profiles in the file's order, then other keys and sessions, by name. */
export function makeRows(
  profiles: readonly string[],
  keys: readonly string[],
  sessions: readonly SessionSummary[],
  created: ReadonlyMap<string, Temporal.Instant>,
): Row[] {
  // Few profiles have a key or a session: one lookup for each of them, however many profiles exist.
  const known = new Map<string, Row>();
  const byProfile = Map.groupBy(sessions, ({ profile }) => profile);
  for (const name of keys) {
    const own = byProfile.get(name) ?? NONE;
    const [profile, hasKey] = [undefined, true];
    known.set(name, { profile, name, hasKey, sessions: own, created: created.get(name) });
  }
  for (const [name, own] of byProfile) {
    if (known.has(name)) continue;
    known.set(name, { ...bareRow(name, undefined), sessions: own });
  }
  const rows = profiles.map((name): Row => {
    const row = known.get(name);
    if (row === undefined) return bareRow(name, name);
    known.delete(name);
    return { ...row, profile: name };
  });
  return [...rows, ...[...known.keys()].sort().map((name) => known.get(name)!)];
}

function bareRow(name: string, profile: string | undefined): Row {
  return { profile, name, hasKey: false, sessions: NONE, created: undefined };
}

const NONE: readonly SessionSummary[] = [];

/** The three columns of aws-vault 7, which scripts read. */
export function renderRows(invocation: Invocation, rows: readonly Row[]): string[] {
  const label = sessionLabel(invocation);
  const body = rows.map((row) => [
    row.profile ?? "-",
    startOf(row),
    row.sessions.length === 0 ? "-" : row.sessions.map(label).join(", "),
  ]);
  const columns = invocation.host.stdout.columns?.();
  return renderTable(["Profile", "Credentials", "Sessions"], body, columns);
}

/** The name of a stored key, or the expiration of the profile's source. */
export function startOf({ hasKey, name, end }: Row): string {
  if (hasKey) return name ?? "-";
  return end === undefined ? "-" : `${end.what} until ${formatInstant(end.at)}`;
}

/** The rows as JSON, with the accounts and roles of profiles if requested. */
export function renderJson(
  invocation: Invocation,
  rows: readonly Row[],
  { long = false }: { readonly long?: boolean | undefined },
): string {
  const kindOf = sourceKinds(invocation);
  const factsOf = long ? describeRows(invocation) : undefined;
  const values = rows.map((row) => {
    const { account, role, region } = factsOf?.(row) ?? {};
    return {
      name: row.name,
      configured: row.profile !== undefined,
      stored: row.hasKey,
      source: kindOf(row),
      account,
      role,
      region,
      created: row.created && isMadeThen(row.created) ? formatInstant(row.created) : undefined,
      expires: row.end && formatInstant(row.end.at),
      sessions: row.sessions.map((session) => ({
        kind: session.kind,
        expiration: formatInstant(session.expiration),
      })),
    };
  });
  return JSON.stringify(values, null, 2);
}

/** The source of a profile's credentials in its own settings, if they name one. */
function sourceKinds({ sources, config }: Invocation): (row: Row) => string | undefined {
  const settings = profilesWith(config(), sourceSettings(sources));
  return ({ profile, hasKey }) => {
    const own = profile === undefined || hasKey ? undefined : settings.get(profile);
    return own && sources.find((source) => source.settings.some((key) => own.has(key)))?.kind;
  };
}

/** `AssumeRole:59m12s`, as aws-vault 7 writes it. */
export function sessionLabel(invocation: Invocation): (row: SessionSummary) => string {
  const now = invocation.host.clock.now().epochMilliseconds;
  return ({ kind, expiration }) => {
    const left = Math.floor((expiration.epochMilliseconds - now) / 1000);
    return `${kind}:${formatDuration(left)}`;
  };
}
