/** What `list` shows: one row a profile, key or name of sessions, and its forms as table and JSON. */

import type { SessionSummary } from "../cache/session_rows.ts";
import { plainSettings } from "../config/plain_settings.ts";
import type { SourceEnd } from "../credentials/source.ts";
import { formatDuration } from "../credentials/plan_limits.ts";
import { isMadeThen } from "../rotation/age.ts";
import type { Invocation } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { renderTable } from "./table.ts";

/** One row of the list. */
export interface Row {
  readonly profile: string | undefined;
  readonly hasKey: boolean;
  readonly name: string | undefined;
  readonly sessions: readonly SessionSummary[];
  /** When the stored key was made, where that is known. */
  readonly created: Temporal.Instant | undefined;
  /** The end of what the profile starts with, where it has one that can be seen. */
  readonly end?: SourceEnd;
}

/** The configured profiles in the file's order, then keys and sessions without one, by name. */
export function makeRows(
  profiles: readonly string[],
  keys: readonly string[],
  sessions: readonly SessionSummary[],
  created: ReadonlyMap<string, Temporal.Instant>,
): Row[] {
  const stored = new Set(keys);
  const byProfile = Map.groupBy(sessions, ({ profile }) => profile);
  const configured = new Set(profiles);
  const row = (name: string, profile: string | undefined): Row => ({
    profile,
    name,
    hasKey: stored.has(name),
    sessions: byProfile.get(name) ?? [],
    created: stored.has(name) ? created.get(name) : undefined,
  });
  const rest = new Set([...keys, ...byProfile.keys()].filter((name) => !configured.has(name)));
  return [
    ...profiles.map((name) => row(name, name)),
    ...[...rest].sort().map((name) => row(name, undefined)),
  ];
}

/** The three columns of aws-vault 7, which scripts read. */
export function renderRows(invocation: Invocation, rows: readonly Row[]): string[] {
  const label = sessionLabel(invocation);
  const body = rows.map((row) => [
    row.profile ?? "-",
    startOf(row),
    row.sessions.map(label).join(", ") || "-",
  ]);
  const columns = invocation.host.stdout.columns?.();
  return renderTable(["Profile", "Credentials", "Sessions"], body, columns);
}

/** The name of a stored key, or until when what the profile starts with serves. */
export function startOf({ hasKey, name, end }: Row): string {
  if (hasKey) return name ?? "-";
  return end === undefined ? "-" : `${end.what} until ${formatInstant(end.at)}`;
}

/** The rows as JSON. */
export function renderJson(invocation: Invocation, rows: readonly Row[]): string[] {
  const values = rows.map((row) => ({
    name: row.name,
    configured: row.profile !== undefined,
    stored: row.hasKey,
    ...sourceKind(invocation, row),
    ...(row.created && isMadeThen(row.created) && { created: formatInstant(row.created) }),
    ...row.end && { expires: formatInstant(row.end.at) },
    sessions: row.sessions.map((session) => ({
      kind: session.kind,
      expiration: formatInstant(session.expiration),
    })),
  }));
  return JSON.stringify(values, null, 2).split("\n");
}

/** Where the profile's credentials come from by its own settings, where they say it. */
function sourceKind({ sources, config }: Invocation, { profile, hasKey }: Row) {
  const section = profile === undefined || hasKey ? undefined : config().profile(profile);
  const settings = section && plainSettings(section);
  const row = sources.find((source) => source.settings.some((key) => settings?.has(key)));
  return row && { source: row.kind };
}

/** `AssumeRole:59m12s`, as aws-vault 7 writes it. */
export function sessionLabel(invocation: Invocation): (row: SessionSummary) => string {
  const now = invocation.host.clock.now();
  return (row) => {
    const left = Math.floor(row.expiration.since(now).total("seconds"));
    return `${row.kind}:${formatDuration(left)}`;
  };
}
