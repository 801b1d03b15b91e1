import type { SessionSummary } from "../cache/session_rows.ts";
import { classifyItem, pendingProfile } from "../credentials/key_names.ts";
import { formatDuration } from "../credentials/plan_limits.ts";
import { VaultError } from "../errors.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import { printLines } from "../print.ts";
import { counted } from "../text.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { describePending } from "./key_notes.ts";
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
  const invocation = this.open(flags);
  const print = (lines: readonly string[]) => printLines(invocation.host.stdout, lines);
  if (flags.profiles) return print(invocation.config().profileNames());
  if (flags.sessions) {
    const live = await liveSessions(invocation, await goneKeystore(invocation));
    print(live.map(sessionLabel(invocation)));
    return (await invocation.cache()).requireWorking();
  }
  const keyring = await invocation.keyring();
  const names = await keyring.keys();
  const keys = names.filter((name) => classifyItem(name) === "credential").sort();
  notePending(invocation, names);
  if (flags.credentials) return print(keys);
  const created = (await invocation.cache()).keysCreated();
  const rows = makeRows(
    invocation.config().profileNames(),
    keys,
    await liveSessions(invocation, names.includes(DATA_KEY_NAME) ? undefined : keyring),
    created,
  );
  print(flags.json ? renderJson(invocation, rows) : renderRows(invocation, rows));
  (await invocation.cache()).requireWorking();
}

interface Row {
  readonly profile: string | undefined;
  readonly hasKey: boolean;
  readonly name: string | undefined;
  readonly sessions: readonly SessionSummary[];
  /** When the stored key was made, where that is known. */
  readonly created: Temporal.Instant | undefined;
}

/** The keystore, if its data key is gone: nothing opens what that sealed. */
async function goneKeystore(invocation: Invocation): Promise<Keyring | undefined> {
  try {
    const keyring = await invocation.keyring();
    return await keyring.has(DATA_KEY_NAME) ? undefined : keyring;
  } catch (error) {
    // Sessions are listed without a keystore, too.
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

async function liveSessions(invocation: Invocation, gone?: Keyring): Promise<SessionSummary[]> {
  const now = invocation.host.clock.now();
  const cache = await invocation.cache();
  return cache.list(gone).filter((row) => Temporal.Instant.compare(row.expiration, now) > 0);
}

function notePending(invocation: Invocation, names: readonly string[]): void {
  for (const profile of names.map(pendingProfile).filter((name) => name !== undefined).sort()) {
    invocation.host.talk.note(describePending(profile));
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

function renderRows(invocation: Invocation, rows: readonly Row[]): string[] {
  const label = sessionLabel(invocation);
  const body = rows.map((row) => [
    row.profile ?? "-",
    row.hasKey ? row.name ?? "-" : "-",
    row.sessions.map(label).join(", ") || "-",
    formatAge(invocation, row),
  ]);
  // The first three columns are those of aws-vault 7, which scripts read.
  return renderTable(["Profile", "Credentials", "Sessions", "Age"], body);
}

function formatAge(invocation: Invocation, { created }: Row): string {
  if (created === undefined) return "-";
  const days = invocation.host.clock.now().since(created).total("hours") / 24;
  return counted(Math.max(0, Math.floor(days)), "day");
}

function renderJson(invocation: Invocation, rows: readonly Row[]): string[] {
  const values = rows.map((row) => ({
    name: row.name,
    configured: row.profile !== undefined,
    stored: row.hasKey,
    ...sourceKind(invocation, row),
    ...(row.created && { created: formatInstant(row.created) }),
    sessions: row.sessions.map((session) => ({
      kind: session.kind,
      expiration: formatInstant(session.expiration),
    })),
  }));
  return JSON.stringify(values, null, 2).split("\n");
}

/** Where the profile's credentials come from by its own settings, where they say it. */
function sourceKind({ sources, config }: Invocation, { profile, hasKey }: Row) {
  const settings = profile === undefined || hasKey
    ? undefined
    : config().profile(profile)?.settings;
  const row = sources.find((source) => source.settings.some((key) => settings?.has(key)));
  return row && { source: row.kind };
}

function sessionLabel(invocation: Invocation): (row: SessionSummary) => string {
  const now = invocation.host.clock.now();
  return (row) => {
    const left = Math.floor(row.expiration.since(now).total("seconds"));
    return `${row.kind}:${formatDuration(left)}`;
  };
}
