import { type Database, DatabaseFailure } from "../databases.ts";

/**
 * The tables of version 1.
 *
 * Names, kinds and times are in plain text, so that `list` works without a keyring; everything worth
 * stealing is in `sealed`. Times are milliseconds since 1970. `generations` has the same form in every
 * version: a key that one version replaces is replaced for all versions. `data_keys` names the keystore
 * that holds a row's data key.
 */
const TABLES = `
  CREATE TABLE sessions (
    identity TEXT NOT NULL,
    key_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    profile TEXT NOT NULL,
    source_key TEXT,
    expiration INTEGER NOT NULL,
    granted_seconds INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (identity, key_id)
  );
  CREATE INDEX sessions_by_expiration ON sessions (expiration);
  CREATE TABLE generations (
    key_name TEXT NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL
  );
  CREATE TABLE data_keys (
    key_id TEXT NOT NULL PRIMARY KEY,
    keystore TEXT NOT NULL
  );
  CREATE TABLE key_facts (
    name TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL
  );
`;

/** The version of the schema that this program writes. */
export const SCHEMA_VERSION = 1;

/** The version of a database's schema; 0 for an empty database. */
export function schemaVersion(database: Database): number {
  return Number(database.all("PRAGMA user_version")[0]?.["user_version"] ?? 0);
}

/**
 * Makes the tables of a new database, inside the caller's transaction: if several processes find it
 * empty, the first makes the tables and the others find them.
 */
export function makeTables(database: Database): void {
  if (schemaVersion(database) >= SCHEMA_VERSION) return;
  database.execute(TABLES);
  database.execute(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/** Whether everything is readable and has the columns in use; slow, and checked only after a failure. */
export function isSound(database: Database): boolean {
  try {
    if (schemaVersion(database) > SCHEMA_VERSION) return true;
    if (database.all("PRAGMA integrity_check(1)")[0]?.["integrity_check"] !== "ok") return false;
    if (schemaVersion(database) === 0) {
      return database.all("SELECT 1 FROM sqlite_schema").length === 0;
    }
    database.all(
      "SELECT identity, key_id, kind, profile, source_key, expiration, granted_seconds, changes, " +
        "sealed FROM sessions LIMIT 0",
    );
    database.all("SELECT key_name, generation FROM generations LIMIT 0");
    database.all("SELECT key_id, keystore FROM data_keys LIMIT 0");
    database.all("SELECT name, created FROM key_facts LIMIT 0");
    return true;
  } catch (error) {
    return error instanceof DatabaseFailure && ["busy", "unwritable"].includes(error.kind);
  }
}
