/**
 * What the database records about long-term keys: how often one was replaced (table `generations`), when
 * AWS made it, and when a certificate expires (`key_facts`).
 */

import type { Database } from "../databases.ts";
import { parseTime } from "./session_rows.ts";

/** How often the key of a name was replaced or removed. */
export function readGeneration(database: Database, keyName: string): number {
  const sql = "SELECT generation FROM generations WHERE key_name = ?";
  return Number(database.all(sql, keyName)[0]?.["generation"] ?? 0);
}

/** Counts one more change of the key of a name, and returns whether that was written. */
export function raiseGeneration(database: Database, keyName: string): boolean {
  const sql = "INSERT INTO generations VALUES (?, 1) " +
    "ON CONFLICT (key_name) DO UPDATE SET generation = generation + 1";
  return database.run(sql, keyName) > 0;
}

/** Records when the key of a name was made. */
export function writeKeyCreated(
  database: Database,
  keyName: string,
  created: Temporal.Instant,
): void {
  const sql = "INSERT OR REPLACE INTO key_facts (name, created) VALUES (?, ?)";
  database.run(sql, keyName, created.epochMilliseconds);
}

/** When the key of a name was made; `undefined` if unknown. */
export function readKeyCreated(
  database: Database,
  keyName: string,
): Temporal.Instant | undefined {
  const sql = "SELECT name, created FROM key_facts WHERE name = ?";
  const [row] = database.all(sql, keyName);
  return row && parseTime(row["created"]);
}

/** Records when something with this name and hash expires, replacing the name's previous record. */
export function writeEnd(
  database: Database,
  name: string,
  hash: string,
  end: Temporal.Instant,
): void {
  const start = `${name} `;
  const sql = "DELETE FROM key_facts WHERE substr(name, 1, ?) = ? AND length(name) = ?";
  database.run(sql, start.length, start, start.length + hash.length);
  writeKeyCreated(database, start + hash, end);
}

/** When something with this name and hash expires; `undefined` if unknown. */
export function readEnd(
  database: Database,
  name: string,
  hash: string,
): Temporal.Instant | undefined {
  return readKeyCreated(database, `${name} ${hash}`);
}

/** When the keys were made, by name. */
export function readKeysCreated(database: Database): ReadonlyMap<string, Temporal.Instant> {
  const rows = database.all("SELECT name, created FROM key_facts");
  const created = rows.map((row) => [String(row["name"]), parseTime(row["created"])] as const);
  return new Map(created.filter((pair): pair is [string, Temporal.Instant] => !!pair[1]));
}
