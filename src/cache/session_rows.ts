/** Rows of the session database: what they say in the clear, and where they belong. */

import type { Database } from "../databases.ts";
import type { Keyring } from "../keyring.ts";
import type { OpenedBy } from "./opened_by.ts";
import type { DataKey, SealPlace } from "./seal.ts";

/** What a row belongs to, in the clear. */
export interface EntryOwner {
  /** AWS's name of the call, or another word for what it is: `AssumeRole`, `sso-token`. */
  readonly kind: string;
  /** The profile that it was obtained for. */
  readonly profile: string;
  /** The name of the long-term key behind it, where there is one. */
  readonly sourceKey?: string | undefined;
}

/** What is known of a row without a keyring. */
export interface SessionSummary extends EntryOwner {
  readonly identity: string;
  readonly expiration: Temporal.Instant;
}

/** Rows cleaned up with a write, so that no write pays for a year of them. */
const MOST_CLEANED_ROWS = 100;

/** Where an entry belongs that is to be sealed. */
export function placeOf(
  identity: string,
  { kind, profile, sourceKey }: EntryOwner,
  expiration: Temporal.Instant,
  grantedSeconds: number,
): Omit<SealPlace, "changes"> {
  const until = expiration.epochMilliseconds;
  return { identity, kind, profile, sourceKey, expiration: until, grantedSeconds };
}

/** Everything in the clear is authenticated with the row: what was changed does not open. */
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
 * Whether a row was sealed before its key was changed. The generation does not say it: anyone who can put
 * the row back can put the generation back.
 */
export function isOfBefore(
  dataKey: DataKey,
  { sourceKey, changes }: Pick<SealPlace, "sourceKey" | "changes">,
): boolean {
  return sourceKey !== undefined && changes < (dataKey.lastChanges.get(sourceKey) ?? 0);
}

/** A keystore as the database names it. */
export function keystoreName({ backend, location }: Keyring): string {
  return `${backend} ${location}`;
}

/** Writes a row, and whose data key sealed it. */
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

/** Whether a row is another keystore's, or the data key of its own opens it. */
export function mayServe(
  row: Record<string, unknown>,
  { keyring, dataKey }: OpenedBy,
): boolean {
  if (row["key_id"] !== dataKey?.id) return row["keystore"] !== keystoreName(keyring);
  if (dataKey === undefined || !("lastChanges" in dataKey)) return true;
  const sourceKey = typeof row["source_key"] === "string" ? row["source_key"] : undefined;
  return !isOfBefore(dataKey, { sourceKey, changes: Number(row["changes"]) });
}

/** Deletes all that data keys of a keystore sealed except for one, and what is known of these keys. */
export function deleteRowsOf(database: Database, keystore: string, exceptKeyId = ""): void {
  const sealed = "key_id IN (SELECT key_id FROM data_keys WHERE keystore = ? AND key_id <> ?)";
  for (const table of ["sessions", "data_keys"]) {
    database.run(`DELETE FROM ${table} WHERE ${sealed}`, keystore, exceptKeyId);
  }
}

/** Removes some of the rows that have expired. */
export function cleanUp(database: Database, now: number): void {
  database.run(
    "DELETE FROM sessions WHERE rowid IN " +
      "(SELECT rowid FROM sessions WHERE expiration <= ? ORDER BY expiration LIMIT ?)",
    ...[now, MOST_CLEANED_ROWS],
  );
}

/**
 * A time of the database, or `undefined` for what is not one: a row that others changed is a miss.
 */
export function parseTime(milliseconds: unknown): Temporal.Instant | undefined {
  const isTime = Number.isInteger(milliseconds) && Math.abs(Number(milliseconds)) <= 8.64e15;
  return isTime ? Temporal.Instant.fromEpochMilliseconds(Number(milliseconds)) : undefined;
}

/**
 * What rows say in the clear, without those that others changed. Two keystores may have sealed one answer
 * each under one identity: where they end at the same time, they are one to a reader.
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
