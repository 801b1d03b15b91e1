/** Changes of a session database: whole or not at all, and of no other version's. */

import { type Database, DatabaseFailure } from "../databases.ts";
import { makeTables, SCHEMA_VERSION, schemaVersion } from "./schema.ts";

/** How long to wait for others' locks, in milliseconds: with none, 88 of 100 parallel writers failed. */
export const BUSY_TIMEOUT_MS = 5_000;

/** Whether others held the database for too long. */
export function isBusy(error: unknown): boolean {
  return error instanceof DatabaseFailure && error.kind === "busy";
}

/** Whether SQLite cannot make sense of the file. */
export function isDamage(error: Error): boolean {
  return error instanceof DatabaseFailure && error.kind === "damaged";
}

/** Changes a database in a transaction; its tables are made first where it has none. */
export function changed<T>(database: Database, action: (database: Database) => T): T {
  // What is dropped is overwritten: its bytes would stay in the file until something else needs them.
  database.execute("PRAGMA secure_delete = ON");
  return inTransaction(database, () => {
    if (schemaVersion(database) > SCHEMA_VERSION) {
      // It was replaced by a newer one while this process had it open; the next attempt leaves it to the newer one.
      throw new DatabaseFailure("other", "the database belongs to a newer aws-vault");
    }
    makeTables(database);
    return action(database);
  });
}

/**
 * Does something to a database, or nothing of it.
 *
 * IMMEDIATE: two that begin to read and then both want to write would block each other for good.
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
    // SQLite has rolled back by itself, as on a full disk.
  }
}
