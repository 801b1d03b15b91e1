/** Rows of the session database: their plain-text columns, and where they belong. */

import type { Database } from "../databases.ts";
import type { Keyring } from "../keyring.ts";
import type { DataKey, SealPlace } from "./seal.ts";

/** What a row belongs to, in plain text. */
export interface EntryOwner {
  /** AWS's name of the call, or another name for the row's kind: `AssumeRole`, `sso-token`. */
  readonly kind: string;
  /** The profile that it was obtained for. */
  readonly profile: string;
  /** The name of the long-term key behind it, if there is one. */
  readonly sourceKey?: string | undefined;
}

/** What is known about a row without a keyring. */
export interface SessionSummary extends EntryOwner {
  readonly identity: string;
  readonly expiration: Temporal.Instant;
}

/** The most rows that one write cleans up, so that no write has to clean up a year's rows. */
const MOST_CLEANED_ROWS = 100;

/** Where an entry that will be sealed belongs. */
export function placeOf(
  identity: string,
  { kind, profile, sourceKey }: EntryOwner,
  expiration: Temporal.Instant,
  grantedSeconds: number,
): Omit<SealPlace, "changes"> {
  const until = expiration.epochMilliseconds;
  return { identity, kind, profile, sourceKey, expiration: until, grantedSeconds };
}

/** Where a row belongs: its plain text is authenticated with it, so that a changed row does not open. */
export function placeOfRow(identity: string, row: Record<string, unknown>): SealPlace {
  return {
    identity,
    kind: String(row["kind"]),
    profile: String(row["profile"]),
    sourceKey: typeof row["source_key"] === "string" ? row["source_key"] : undefined,
    expiration: Number(row["expiration"]),
    grantedSeconds: Number(row["granted_seconds"]),
    changes: Number(row["changes"]),
  };
}

/**
 * Whether a row was sealed before its key was changed. The generation cannot show this: anyone who can
 * restore an old row can restore the old generation too.
 */
export function isOfBefore(
  dataKey: DataKey,
  { sourceKey, changes }: Pick<SealPlace, "sourceKey" | "changes">,
): boolean {
  return sourceKey !== undefined && changes < (dataKey.lastChanges.get(sourceKey) ?? 0);
}

/** The name of a keystore in the database. */
export function keystoreName({ backend, location }: Keyring): string {
  return `${backend} ${location}`;
}

/** Writes a row, and which keystore's data key sealed it. */
export function writeRow(
  database: Database,
  place: SealPlace,
  { keyId, keystore, sealed }: {
    readonly keyId: string;
    readonly keystore: string;
    readonly sealed: Uint8Array;
  },
): void {
  const { identity, kind, profile, sourceKey = null, expiration, grantedSeconds, changes } = place;
  database.run("INSERT OR IGNORE INTO data_keys VALUES (?, ?)", keyId, keystore);
  database.run(
    "INSERT OR REPLACE INTO sessions (identity, key_id, kind, profile, source_key, expiration, " +
      "granted_seconds, changes, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ...[identity, keyId, kind, profile, sourceKey, expiration, grantedSeconds, changes],
    sealed,
  );
}

/** Deletes everything that a keystore's data keys sealed, except one key's, and the record of those keys. */
export function deleteRowsOf(database: Database, keystore: string, exceptKeyId = ""): void {
  const sealed = "key_id IN (SELECT key_id FROM data_keys WHERE keystore = ? AND key_id <> ?)";
  for (const table of ["sessions", "data_keys"]) {
    database.run(`DELETE FROM ${table} WHERE ${sealed}`, keystore, exceptKeyId);
  }
}

/** Removes some of the expired rows. */
export function cleanUp(database: Database, now: number): void {
  database.run(
    "DELETE FROM sessions WHERE rowid IN " +
      "(SELECT rowid FROM sessions WHERE expiration <= ? ORDER BY expiration LIMIT ?)",
    ...[now, MOST_CLEANED_ROWS],
  );
}

/**
 * A time from the database, or `undefined` if it is not valid: a row that others changed is a miss.
 */
export function parseTime(milliseconds: unknown): Temporal.Instant | undefined {
  const isTime = Number.isInteger(milliseconds) && Math.abs(Number(milliseconds)) <= 8.64e15;
  return isTime ? Temporal.Instant.fromEpochMilliseconds(Number(milliseconds)) : undefined;
}

/**
 * The plain-text part of rows, without rows that others changed. Two keystores may each have sealed an
 * answer under one identity: if both expire at the same time, they are shown as one.
 */
export function summarize(rows: readonly Record<string, unknown>[]): SessionSummary[] {
  const isOfOneKey = rows.every((row) => row["key_id"] === rows[0]!["key_id"]);
  const distinct = isOfOneKey
    ? rows
    : new Map(rows.map((row) => [`${row["identity"]} ${row["expiration"]}`, row])).values();
  return [...distinct].map(summarizeRow).filter((row) => row !== undefined);
}

function summarizeRow(row: Record<string, unknown>): SessionSummary | undefined {
  const expiration = parseTime(row["expiration"]);
  return expiration && {
    identity: String(row["identity"]),
    kind: String(row["kind"]),
    profile: String(row["profile"]),
    ...typeof row["source_key"] === "string" && { sourceKey: row["source_key"] },
    expiration,
  };
}
