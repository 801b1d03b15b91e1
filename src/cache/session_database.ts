/**
 * The file `sessions.db`, and what is done when it is missing, damaged, newer or cannot be written:
 * a cache that fails costs time, never the command.
 */

import { hasCode, VaultError } from "../errors.ts";
import { type Database, DatabaseFailure, type OpenDatabase } from "../databases.ts";
import type { Files } from "../files.ts";
import { type TalkingHost, warnOnce } from "../talk.ts";
import { quote } from "../text.ts";
import { setAside } from "./damaged_database.ts";
import { BUSY_TIMEOUT_MS, changed, inTransaction, isBusy, isDamage } from "./database_change.ts";
import { SCHEMA_VERSION, schemaVersion } from "./schema.ts";

/** Nobody waits a second time within this period; a server, or a person who signs in, outlives it. */
const GIVEN_UP_MS = 10_000;

const USUAL_FILE = "sessions.db";

/** The databases of this and of other versions. */
const ANY_FILE = /^sessions(\.v\d+)?\.db$/;

/**
 * Where this version keeps its rows beside a database of a newer one.
 *
 * The newer database stays where it is: if the older program moved it away, the newer one would make
 * another, and two versions in use side by side would throw away each other's sessions forever.
 */
const OWN_FILE = `sessions.v${SCHEMA_VERSION}.db`;

/** What the database needs. */
export type SessionDatabaseDeps = Pick<TalkingHost, "files" | "databases" | "clock" | "talk">;

/** A text that differs after most changes of the database; cheaper than a look into it. */
export function databaseMark(files: Files, folder: string): string {
  const marks = [USUAL_FILE, OWN_FILE].map((name) => {
    const info = files.info(`${folder}/${name}`);
    return `${info?.modified?.epochMilliseconds} ${info?.size}`;
  });
  return marks.join(" ");
}

/** The session database of one process, opened with its first use and again when it was replaced. */
export class SessionDatabase {
  #database: Database | undefined;
  #version = 0;
  #file = USUAL_FILE;
  #failure: string | undefined;
  /** A look that found the database damaged, until a writer sets that aside. */
  #damage: { readonly reason: string; look(): unknown } | undefined;
  /** Until when to work without the database, which another process holds: one wait is enough for a while. */
  #withoutUntilMs = 0;
  /** How long to wait for the next database that is opened: nobody waits twice. */
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
   * What a query finds; `otherwise` where there is no database, or none that can be read. Makes nothing, and
   * leaves a damaged database in its place: a command that only looks (`list`, `doctor`) changes
   * nothing.
   */
  read<T>(query: (database: Database) => T, otherwise: T): T {
    const action = () => {
      const database = this.#connect(false);
      if (!database || !this.#isReady(database)) return otherwise;
      return query(database);
    };
    // Other tables are not trusted either.
    return this.#damage ? otherwise : this.#attempt(action, otherwise, action);
  }

  /** Changes a database that is there; `otherwise` where there is none, or it cannot be written. */
  change<T>(action: (database: Database) => T, otherwise: T): T {
    return this.#attempt(() => {
      this.#meetDamage();
      const database = this.#connect(false);
      return database ? changed(database, action) : otherwise;
    }, otherwise);
  }

  /** Changes the database, which is made where there is none; `otherwise` where it cannot be. */
  write<T>(action: (database: Database) => T, otherwise: T): T {
    return this.#attempt(() => {
      this.#meetDamage();
      return changed(this.#connect(true)!, action);
    }, otherwise);
  }

  /**
   * Changes the databases that other versions of this program keep beside ours, for what holds for
   * all: the action may use only tables whose form no version changes. One that is not as expected
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

  /** Why it could not be read or written in this run, the first time; `undefined` where it could. */
  get failure(): string | undefined {
    return this.#failure ?? this.#damage?.reason;
  }

  /** Whether all that is wrong with it goes away with the next write. */
  get isDamaged(): boolean {
    return this.#failure === undefined && this.#damage !== undefined;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  /**
   * The second attempt is for a database that was set aside, moved or replaced in the meantime; the third for
   * one that SQLite calls damaged in use and sound when it is checked.
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
          // Once more: it may have been replaced while it was read.
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

  /** A writer meets what a look met before, and sets it aside; what was replaced in the meantime is sound. */
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

  /** Whether the database has the tables of this version; an older one is brought to it first. */
  #isReady(database: Database): boolean {
    if (this.#version >= SCHEMA_VERSION) return true;
    this.#version = schemaVersion(database);
    if (this.#version > 0 && this.#version < SCHEMA_VERSION) this.#bringUpToDate(database);
    return this.#version > 0;
  }

  /** Where the folder cannot be written, an older database still serves what it has. */
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
    // SQLite calls a file that was moved or removed under it read-only.
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
