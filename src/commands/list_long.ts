/** `list --long`: a profile's account and role, and all that is known of its key and sessions. */

import { readStoredKey } from "../credentials/long_term_key.ts";
import type { ReplacedKey } from "../credentials/key_names.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { isMadeThen } from "../rotation/age.ts";
import { counted } from "../text.ts";
import type { Invocation } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { describeRows } from "./list_account.ts";
import { type Row, sessionLabel, startOf } from "./list_rows.ts";
import { KEPT_DAYS } from "./replaced_keys.ts";
import { renderTable } from "./table.ts";

const HEADINGS = [
  "Profile",
  "Credentials",
  "Key ID",
  "Age",
  "Account",
  "Role",
  "Region",
  "Sessions",
];

/** The rows with every column; `kept` are replaced keys, which have separate rows. */
export async function renderLong(
  invocation: Invocation,
  rows: readonly Row[],
  kept: readonly ReplacedKey[],
): Promise<string[]> {
  const keyring = await invocation.quietKeyring();
  const factsOf = describeRows(invocation);
  const sessionsOf = describeSessions(invocation);
  const body: string[][] = [];
  for (const row of rows) {
    const settings = factsOf(row);
    body.push([
      row.profile ?? "-",
      startOf(row),
      row.hasKey ? await keyId(keyring, row) : "-",
      formatAge(invocation, row),
      settings.account ?? "-",
      settings.role ?? "-",
      settings.region ?? "-",
      sessionsOf(row),
    ]);
  }
  for (const key of kept) body.push(await describeKept(keyring, key));
  return renderTable(HEADINGS, body, invocation.host.stdout.columns?.());
}

/** `replaced 2026-01-01T00:00:00Z` instead of sessions: `restore` brings the key back. */
async function describeKept(keyring: Keyring, key: ReplacedKey): Promise<string[]> {
  const id = await keyId(keyring, { hasKey: true, name: key.name });
  const until = key.replaced.add({ hours: KEPT_DAYS * 24 });
  return [
    "-",
    key.profile,
    id,
    "-",
    "-",
    "-",
    "-",
    `replaced ${formatInstant(key.replaced)}, kept until ${formatInstant(until)}`,
  ];
}

/** Asks nobody: the ID of a locked key stays unknown. */
async function keyId(
  keyring: Keyring,
  { hasKey, name }: Pick<Row, "hasKey" | "name">,
): Promise<string> {
  if (!hasKey || name === undefined) return "-";
  try {
    return (await readStoredKey(keyring, name))?.accessKeyId ?? "-";
  } catch (error) {
    if (error instanceof VaultError) return "-";
    throw error;
  }
}

function formatAge(invocation: Invocation, { created }: Row): string {
  if (created === undefined || !isMadeThen(created)) return "-";
  const days = invocation.host.clock.now().since(created).total("hours") / 24;
  return counted(Math.max(0, Math.floor(days)), "day");
}

function describeSessions(invocation: Invocation): (row: Row) => string {
  const label = sessionLabel(invocation);
  const describe = (session: Row["sessions"][number]) =>
    `${label(session)} until ${formatInstant(session.expiration)}`;
  return ({ sessions }) => sessions.length === 0 ? "-" : sessions.map(describe).join(", ");
}
