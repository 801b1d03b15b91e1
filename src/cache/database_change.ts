/** Changes to a session database: atomic, and never to another version's database. */

import { type Database, DatabaseFailure } from "../databases.ts";
import { makeTables, SCHEMA_VERSION, schemaVersion } from "./schema.ts";

/** How long to wait for others' locks, in milliseconds: without a wait, 88 of 100 parallel writers failed. */
export const BUSY_TIMEOUT_MS = 5_000;

/** Whether other processes held the database for too long. */
export function isBusy(error: unknown): boolean {
  return error instanceof DatabaseFailure && error.kind === "busy";
}

/** Whether SQLite cannot make sense of the file. */
export function isDamage(error: Error): boolean {
  return error instanceof DatabaseFailure && error.kind === "damaged";
}

/** Changes a database in a transaction; first makes its tables if it has none. */
export function changed<T>(database: Database, action: (database: Database) => T): T {
  // Overwrites dropped data, whose bytes would stay in the file until their space is reused.
  database.execute("PRAGMA secure_delete = ON");
  return inTransaction(database, () => {
    if (schemaVersion(database) > SCHEMA_VERSION) {
      // A newer version replaced it while this process had it open; the next attempt leaves it alone.
      throw new DatabaseFailure("other", "the database belongs to a newer aws-vault");
    }
    makeTables(database);
    return action(database);
  });
}

/**
 * Runs an action on a database as a transaction.
 *
 * IMMEDIATE: two transactions that first read and then both write would block each other for good.
 */
export function inTransaction<T>(database: Database, action: () => T): T {
  database.execute("BEGIN IMMEDIATE");
  try {
    const result = action();
    database.execute("COMMIT");
    return result;
  } catch (error) {
    rollBackQuietly(database);
    throw error;
  }
}

function rollBackQuietly(database: Database): void {
  try {
    database.execute("ROLLBACK");
  } catch {
    // SQLite has already rolled back by itself, as on a full disk.
  }
}
