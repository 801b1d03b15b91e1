import type { SessionSummary } from "../cache/session_cache.ts";
import { classifyItem, pendingProfile } from "../credentials/key_names.ts";
import { sayDuration } from "../credentials/plan_limits.ts";
import { counted, escapeControls } from "../text.ts";
import type { CommandContext, GlobalFlags, Session } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { sayPending } from "./key_notes.ts";
import { renderTable } from "./table.ts";

/** The flags of `list`. */
export interface ListFlags extends GlobalFlags {
  readonly profiles?: boolean | undefined;
  readonly credentials?: boolean | undefined;
  readonly sessions?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** `list`: profiles, stored keys and cached sessions; one look into the keystore, and no secret read. */
export async function list(this: CommandContext, flags: ListFlags): Promise<void> {
  const session = this.open(flags);
  const print = (text: string) => session.host.stdout.write(text);
  if (flags.profiles) return print(lines(session.config().profileNames()));
  if (flags.sessions) return print(lines((await liveSessions(session)).map(sessionLabel(session))));
  const names = await (await session.keyring()).keys();
  const keys = names.filter((name) => classifyItem(name) === "credential").sort();
  notePending(session, names);
  if (flags.credentials) return print(lines(keys));
  const created = (await session.cache()).keysCreated();
  const rows = makeRows(
    session.config().profileNames(),
    keys,
    await liveSessions(session),
    created,
  );
  print(flags.json ? renderJson(rows) : renderRows(session, rows));
}

interface Row {
  readonly profile: string | undefined;
  readonly hasKey: boolean;
  readonly name: string | undefined;
  readonly sessions: readonly SessionSummary[];
  /** When the stored key was made, where that is known. */
  readonly created: Temporal.Instant | undefined;
}

async function liveSessions(session: Session): Promise<SessionSummary[]> {
  const now = session.host.clock.now();
  const cache = await session.cache();
  return cache.list().filter((row) => Temporal.Instant.compare(row.expiration, now) > 0);
}

function notePending(session: Session, names: readonly string[]): void {
  for (const profile of names.map(pendingProfile).filter((name) => name !== undefined).sort()) {
    session.talk.note(sayPending(profile));
  }
}

/** The configured profiles in the file's order, then keys and sessions without one, by name. */
function makeRows(
  profiles: readonly string[],
  keys: readonly string[],
  sessions: readonly SessionSummary[],
  created: ReadonlyMap<string, Temporal.Instant>,
): Row[] {
  const stored = new Set(keys);
  const byProfile = Map.groupBy(sessions, (session) => session.profile);
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

function renderRows(session: Session, rows: readonly Row[]): string {
  const label = sessionLabel(session);
  const body = rows.map((row) => [
    escapeControls(row.profile ?? "-"),
    row.hasKey ? escapeControls(row.name ?? "-") : "-",
    row.sessions.map(label).join(", ") || "-",
    sayAge(session, row),
  ]);
  // The first three columns are those of the original, which scripts read.
  return renderTable(["Profile", "Credentials", "Sessions", "Age"], body);
}

function sayAge(session: Session, { created }: Row): string {
  if (created === undefined) return "-";
  const days = session.host.clock.now().since(created).total("hours") / 24;
  return counted(Math.max(0, Math.floor(days)), "day");
}

function renderJson(rows: readonly Row[]): string {
  const values = rows.map((row) => ({
    name: row.name,
    configured: row.profile !== undefined,
    stored: row.hasKey,
    ...(row.created && { created: formatInstant(row.created) }),
    sessions: row.sessions.map((session) => ({
      kind: session.kind,
      expiration: formatInstant(session.expiration),
    })),
  }));
  return JSON.stringify(values, null, 2) + "\n";
}

function sessionLabel(session: Session): (row: SessionSummary) => string {
  const now = session.host.clock.now();
  return (row) => {
    const left = Math.floor(row.expiration.since(now).total("seconds"));
    return `${row.kind}:${sayDuration(left)}`;
  };
}

function lines(names: readonly string[]): string {
  return names.map((name) => escapeControls(name) + "\n").join("");
}
