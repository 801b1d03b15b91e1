/**
 * The file `sessions.db`, and what happens if it is missing, damaged, newer or not writable: a failing
 * cache costs time, but never makes the command fail.
 */

import { hasCode, VaultError } from "../errors.ts";
import { type Database, DatabaseFailure, type OpenDatabase } from "../databases.ts";
import type { Files } from "../files.ts";
import { type TalkingHost, warnOnce } from "../talk.ts";
import { quote } from "../text.ts";
import { setAside } from "./damaged_database.ts";
import { BUSY_TIMEOUT_MS, changed, inTransaction, isBusy, isDamage } from "./database_change.ts";
import { SCHEMA_VERSION, schemaVersion } from "./schema.ts";

/** No second wait happens within this period; a server or a sign-in takes longer, and may wait again. */
const GIVEN_UP_MS = 10_000;

const USUAL_FILE = "sessions.db";

/** The databases of this and of other versions. */
const ANY_FILE = /^sessions(\.v\d+)?\.db$/;

/**
 * The file for this version's rows beside a newer version's database.
 *
 * The newer database stays in place: if the older program moved it away, the newer program would make
 * another, and two versions in use side by side would discard each other's sessions forever.
 */
const OWN_FILE = `sessions.v${SCHEMA_VERSION}.db`;

/** What the database needs. */
export type SessionDatabaseDeps = Pick<TalkingHost, "files" | "databases" | "clock" | "talk">;

/** A text that changes with most changes of the database; cheaper than reading the database. */
export function databaseMark(files: Files, folder: string): string {
  const marks = [USUAL_FILE, OWN_FILE].map((name) => {
    const info = files.info(`${folder}/${name}`);
    return `${info?.modified?.epochMilliseconds} ${info?.size}`;
  });
  return marks.join(" ");
}

/** The session database of one process, opened on first use and again after it was replaced. */
export class SessionDatabase {
  #database: Database | undefined;
  #version = 0;
  #file = USUAL_FILE;
  #failure: string | undefined;
  /** The read that found the database damaged, until a writer sets the database aside. */
  #damage: { readonly reason: string; look(): unknown } | undefined;
  /** Until when to work without a database that another process holds: one wait is enough for a while. */
  #withoutUntilMs = 0;
  /** How long to wait for the next database that is opened, so that no wait is repeated. */
  #patienceMs = BUSY_TIMEOUT_MS;
  readonly #deps: SessionDatabaseDeps;
  readonly #folder: string | undefined;
  readonly #open: OpenDatabase;

  constructor(deps: SessionDatabaseDeps, folder: string | undefined, open: OpenDatabase) {
    this.#deps = deps;
    this.#folder = folder;
    this.#open = open;
  }

  /**
   * Returns what a query finds; `otherwise` if there is no readable database. Makes no database, and leaves
   * a damaged one in place: a command that only reads (`list`, `doctor`) changes nothing.
   */
  read<T>(query: (database: Database) => T, otherwise: T): T {
    const action = () => {
      const database = this.#connect(false);
      if (!database || !this.#isReady(database)) return otherwise;
      return query(database);
    };
    // The other tables are not trusted either.
    return this.#damage ? otherwise : this.#attempt(action, otherwise, action);
  }

  /** Changes an existing database; `otherwise` if there is none, or it cannot be written. */
  change<T>(action: (database: Database) => T, otherwise: T): T {
    return this.#attempt(() => {
      this.#meetDamage();
      const database = this.#connect(false);
      return database ? changed(database, action) : otherwise;
    }, otherwise);
  }

  /** Changes the database, made if there is none; `otherwise` if that is not possible. */
  write<T>(action: (database: Database) => T, otherwise: T): T {
    return this.#attempt(() => {
      this.#meetDamage();
      return changed(this.#connect(true)!, action);
    }, otherwise);
  }

  /**
   * Changes the databases that other versions of this program keep beside ours, for facts that apply to
   * all: the action may use only tables whose form is the same in every version. An unexpected database
   * is left alone.
   */
  changeOthers(action: (database: Database) => void): void {
    if (this.#folder === undefined || this.#isGivenUp) return;
    try {
      for (const name of this.#deps.files.list(this.#folder)) {
        if (ANY_FILE.test(name) && name !== this.#file) this.#changeOther(name, action);
      }
    } catch (error) {
      if (!hasCode(error, "file-failed")) throw error;
      this.#deps.talk.debug(() => `The caches of other versions are left alone: ${error.message}`);
    }
  }

  #changeOther(name: string, action: (database: Database) => void): void {
    let database: Database | undefined;
    try {
      database = this.#open(`${this.#folder}/${name}`, { busyTimeoutMs: this.#patienceMs });
      inTransaction(database, () => action(database!));
    } catch (error) {
      if (!(error instanceof DatabaseFailure)) throw error;
      if (isBusy(error)) this.#patienceMs = 0;
      this.#deps.talk.debug(() => `${quote(name)} is left alone: ${error.message}`);
    } finally {
      database?.close();
    }
  }

  /** The first reason why it could not be read or written in this invocation; `undefined` if it could. */
  get failure(): string | undefined {
    return this.#failure ?? this.#damage?.reason;
  }

  /** Whether it is damaged in a way that the next write repairs. */
  get isDamaged(): boolean {
    return this.#failure === undefined && this.#damage !== undefined;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  /**
   * The second attempt is for a database that was set aside, moved or replaced in the meantime; the third
   * for one that SQLite reports as damaged in use, but as sound in a check.
   */
  #attempt<T>(
    action: () => T,
    otherwise: T,
    look?: () => T,
  ): T {
    for (let attempt = 1; !this.#isGivenUp; attempt++) {
      try {
        return action();
      } catch (error) {
        if (!(error instanceof DatabaseFailure) && !hasCode(error, "file-failed")) throw error;
        if (look && isDamage(error)) {
          this.#closeQuietly();
          // Try once more: it may have been replaced while it was read.
          if (attempt === 1) continue;
          this.#damage = { reason: this.#reason(error), look };
          return otherwise;
        }
        if (attempt <= 2 && this.#recover(error, attempt === 2)) continue;
        if (isBusy(error)) this.#withoutUntilMs = this.#deps.clock.monotonicMs() + GIVEN_UP_MS;
        this.#warnUncached(error);
        return otherwise;
      }
    }
    return otherwise;
  }

  /** Repeats, as a writer, the read that found damage, and sets the database aside unless it was replaced. */
  #meetDamage(): void {
    this.#damage?.look();
    this.#damage = undefined;
  }

  #connect(mayMake: boolean): Database | undefined {
    if (this.#database) return this.#database;
    if (!this.#exists()) {
      if (!mayMake) return undefined;
      this.#makeFolder();
    }
    this.#database = this.#open(this.#path, { busyTimeoutMs: this.#patienceMs });
    this.#version = schemaVersion(this.#database);
    if (this.#file !== USUAL_FILE || this.#version <= SCHEMA_VERSION) return this.#database;
    this.close();
    this.#leaveToNewer();
    return this.#connect(mayMake);
  }

  #exists(): boolean {
    return this.#folder !== undefined && this.#deps.files.info(this.#path) !== undefined;
  }

  #makeFolder(): void {
    if (this.#folder === undefined) {
      throw new VaultError("file-failed", "the home folder is unknown; set AWS_VAULT_STATE_DIR");
    }
    this.#deps.files.makeFolder(this.#folder);
  }

  /** Whether the database has the tables of this version; an older one is migrated first. */
  #isReady(database: Database): boolean {
    if (this.#version >= SCHEMA_VERSION) return true;
    this.#version = schemaVersion(database);
    if (this.#version > 0 && this.#version < SCHEMA_VERSION) this.#bringUpToDate(database);
    return this.#version > 0;
  }

  /** Migrates an older database; in a read-only folder it is still used as it is. */
  #bringUpToDate(database: Database): void {
    try {
      this.#version = changed(database, () => SCHEMA_VERSION);
    } catch (error) {
      if (!(error instanceof DatabaseFailure) || error.kind !== "unwritable") throw error;
    }
  }

  #leaveToNewer(): void {
    const newer = this.#path;
    this.#file = OWN_FILE;
    if (this.#deps.files.info(this.#path)) return;
    this.#deps.talk.note(
      `${quote(newer)} belongs to a newer aws-vault and is left alone: ` +
        `this one keeps its sessions in ${quote(OWN_FILE)}`,
    );
  }

  /** Whether another attempt makes sense. */
  #recover(error: Error, isAgain: boolean): boolean {
    this.#closeQuietly();
    if (!(error instanceof DatabaseFailure) || isBusy(error)) return false;
    if (isAgain && error.kind !== "damaged") return false;
    // If its file is moved or removed, SQLite reports it as read-only.
    if (error.kind === "unwritable") return true;
    try {
      return setAside(this.#deps, this.#open, this.#path, isAgain);
    } catch (cause) {
      this.#deps.talk.debug(() => `The session cache cannot be set aside: ${cause}`);
      return false;
    }
  }

  #closeQuietly(): void {
    try {
      this.close();
    } catch {
      this.#database = undefined;
    }
  }

  #warnUncached(error: Error): void {
    this.#failure ??= this.#reason(error);
    warnOnce(this.#deps.talk, `Continuing without the session cache: ${this.#reason(error)}`);
  }

  #reason(error: Error): string {
    if (!(error instanceof DatabaseFailure)) return error.message;
    return `${quote(this.#path)}: ${error.message}`;
  }

  get #isGivenUp(): boolean {
    return this.#deps.clock.monotonicMs() < this.#withoutUntilMs;
  }

  get #path(): string {
    return `${this.#folder}/${this.#file}`;
  }
}
