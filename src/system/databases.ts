import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import {
  type Database,
  DatabaseFailure,
  type DatabaseOptions,
  type Databases,
  type DatabaseValue,
} from "../databases.ts";
import { quote } from "../text.ts";
import { failureReason } from "./file_failure.ts";
import { privacyOf } from "./private_place.ts";

/** The runtime's built-in SQLite, loaded with the first database. */
export function systemDatabases(): Databases {
  return { open: async (path, options) => (await load())(path, options), load };
}

async function load(): Promise<(path: string, options: DatabaseOptions) => Database> {
  const { DatabaseSync } = await import("node:sqlite");
  return (path, options) => {
    if (isMissing(path) && !options.readOnly) makePrivately(path);
    const settings = { readOnly: options.readOnly ?? false, timeout: options.busyTimeoutMs };
    return connection(attempt(() => new DatabaseSync(path, settings)));
  };
}

/** The files that SQLite may open beside a database, by suffix. */
const BESIDE = ["-journal", "-wal", "-shm"];

/**
 * Whether there is no database yet; throws if the database, its folder or a SQLite file beside it is not
 * this user's alone.
 *
 * SQLite follows links, and plays back a journal beside the file, whichever user put it there; opening
 * a pipe in the journal's place never returns.
 */
function isMissing(path: string): boolean {
  const folder = path.slice(0, path.lastIndexOf("/")) || (path.startsWith("/") ? "/" : ".");
  requirePrivate(folder, "folder", "its folder");
  for (const end of BESIDE) requirePrivate(path + end, "file", "the file");
  return requirePrivate(path, "file") === "missing";
}

function requirePrivate(
  path: string,
  kind: "folder" | "file",
  name?: string,
): "private" | "missing" {
  try {
    const privacy = privacyOf(path, kind);
    if (typeof privacy === "string") return privacy;
    const what = name === undefined ? "" : `${name} ${quote(path)} cannot be used: `;
    throw new DatabaseFailure("unwritable", what + privacy.reason);
  } catch (cause) {
    if (cause instanceof DatabaseFailure) throw cause;
    throw new DatabaseFailure("unwritable", failureReason(cause), { cause });
  }
}

/** Makes the file, since SQLite would use the umask's mode; its journals get the mode of the file. */
function makePrivately(path: string): void {
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) return;
    throw new DatabaseFailure("unwritable", failureReason(cause), { cause });
  }
}

function connection(database: DatabaseSync): Database {
  return {
    execute: (sql) => attempt(() => database.exec(sql)),
    run: (sql, ...values) =>
      attempt(() => Number(database.prepare(sql).run(...values as SQLInputValue[]).changes)),
    all: (sql, ...values) =>
      attempt(() =>
        database.prepare(sql).all(...values as SQLInputValue[]) as Record<string, DatabaseValue>[]
      ),
    close: () => attempt(() => database.close()),
  };
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseFailure(failureKind(message), message, { cause });
  }
}

/**
 * SQLite's messages for its result codes (`sqlite3ErrStr` in its `main.c`), unchanged since 2009 except
 * for the first; Deno does not pass on the codes.
 */
const KINDS: readonly (readonly [DatabaseFailure["kind"], RegExp])[] = [
  // The last two: a number that our programs never write, and a schema version that hides our tables.
  ["damaged", /not a database|is encrypted|malformed|too large to be represented|already exists/],
  ["busy", /database is locked|database table is locked|locking protocol/],
  [
    "unwritable",
    /readonly database|unable to open database|disk is full|disk I\/O error|permission denied/,
  ],
];

/** The kind of an SQLite failure, from its message. */
export function failureKind(message: string): DatabaseFailure["kind"] {
  return KINDS.find(([, words]) => words.test(message))?.[0] ?? "other";
}
