/**
 * The session cache: everything short-lived, sealed, in one SQLite file of the state folder.
 *
 * Long-term keys never come here. What is looked up needs one SELECT by primary key and, only when a
 * row is there, one read of the keyring a process for the key that opens it (docs/formats.md,
 * "Session database").
 */

import type { Credentials } from "../credentials.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { Database } from "../databases.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import { Secret } from "../secret.ts";
import { type Talk, type TalkingHost, warnOnce } from "../talk.ts";
import { parseCredentials, renderCredentials } from "./cached_credentials.ts";
import {
  isUnreadable,
  LONGEST_SESSION_MS,
  noteChange,
  obtainDataKey,
  readDataKey,
} from "./data_key.ts";
import { type DataKey, seal, type SealPlace, unseal } from "./seal.ts";
import { SessionDatabase } from "./session_database.ts";
import {
  cleanUp,
  type EntryOwner,
  isOfBefore,
  keystoreName,
  parseTime,
  placeOf,
  placeOfRow,
  type SessionSummary,
  summarize,
} from "./session_rows.ts";
import { stateFolder } from "../state_folder.ts";
import { asClause } from "../text.ts";

function warnUnreadable(talk: Talk, why: string): void {
  const mend = "aws-vault clear makes a new key for the session cache";
  warnOnce(talk, `Cached sessions cannot be opened: ${asClause(why)}; ${mend}`, DATA_KEY_NAME);
}

/** Credentials to be cached. */
export interface SessionEntry extends EntryOwner {
  /** For how long they were asked for, in seconds; 0 where that cannot be asked. */
  readonly grantedSeconds: number;
  /** Without an expiration they are not cached: nobody could say until when they serve. */
  readonly credentials: Credentials;
}

/** Any other secret to be cached, such as a token. */
export interface SecretEntry extends EntryOwner {
  readonly secret: Secret;
  /** From when it is a miss and may be cleaned up. */
  readonly expiration: Temporal.Instant;
}

/** What a row must have to serve. */
export interface Wanted {
  /** It is used this long at least, in seconds from now. */
  readonly minTtlSeconds: number;
  /** It was asked for this long at least, in seconds: somebody who asks for longer wants a new one. */
  readonly minGrantedSeconds: number;
}

/**
 * The cached sessions, opened once a process. A failure of the database is reported once and is a
 * miss.
 */
export interface SessionCache {
  /**
   * The credentials of a row that has what is wanted, or `undefined`: no row, or none that the data
   * key opens. Throws what the keyring throws (`keyring-locked` is not a miss), but reads it
   * only when there is a row.
   */
  find(identity: string, wanted: Wanted): Promise<Credentials | undefined>;
  /** Caches credentials; a failure is reported once, since they serve all the same. */
  store(identity: string, entry: SessionEntry): Promise<void>;
  /** Like {@linkcode SessionCache.find}, for what {@linkcode SessionCache.storeSecret} stored. */
  findSecret(identity: string, minTtlSeconds: number): Promise<Secret | undefined>;
  /** Like {@linkcode SessionCache.store}, for any text. */
  storeSecret(identity: string, entry: SecretEntry): Promise<void>;
  /** How often the long-term key of the name was replaced or removed. */
  generation(keyName: string): number;
  /**
   * Makes every session of the key a miss, for good; code that changes or removes a key calls it before
   * and after the change.
   *
   * The change is also written beside the data key in the keyring: rows of before, which somebody puts
   * back into the database, do not serve. Where it cannot be written, the data key is removed. With
   * `quiet`, the same keyring that asks nobody, that goes for a locked one, too; else it throws what a
   * keyring throws that needs a person. A name under which no key ever was as far as the database says,
   * is written down by `openQuiet` alone, where that needs nobody.
   */
  raiseGeneration(
    keyName: string,
    keyring: Keyring,
    quiet?: Keyring,
    openQuiet?: () => Promise<Keyring>,
  ): Promise<void>;
  /** Keeps in mind when AWS made the long-term key of a name, or when it was first seen. */
  noteKeyCreated(keyName: string, created: Temporal.Instant): void;
  /** What {@linkcode SessionCache.noteKeyCreated} kept, or `undefined`. */
  keyCreated(keyName: string): Temporal.Instant | undefined;
  /** All of what {@linkcode SessionCache.noteKeyCreated} kept, by name. */
  keysCreated(): ReadonlyMap<string, Temporal.Instant>;
  /**
   * The rows that have not expired, by profile. No secrets, no keyring; those of `without`, a keystore
   * whose data key is gone, are left out.
   */
  list(without?: Keyring): SessionSummary[];
  /** Drops one row, and says whether there was one. */
  drop(identity: string): boolean;
  /** Drops what was obtained for a profile, and gives the number of rows. */
  dropProfile(profile: string): number;
  /** Drops what was obtained with a long-term key, for any profile, and gives the number of rows. */
  dropSourceKey(name: string): number;
  dropAll(): number;
  /**
   * Throws `file-failed` where the database could not be read or written so far, for commands that
   * are about the cache itself: for the others that is a warning.
   */
  requireWorking(): void;
  close(): void;
}

/** What the cache needs; the keyring is opened when a row was found or is to be stored. */
export type SessionCacheDeps = Pick<
  TalkingHost,
  "files" | "databases" | "clock" | "random" | "env" | "platform" | "talk"
>;

/** Opens the cache. Nothing is made on disk before something is stored. */
export async function openSessionCache(
  deps: SessionCacheDeps,
  keyring: () => Promise<Keyring>,
): Promise<SessionCache> {
  const folder = stateFolder(deps);
  const database = new SessionDatabase(deps, folder, await deps.databases.load());
  return new SealedSessions(deps, database, keyring);
}

class SealedSessions implements SessionCache {
  readonly #deps: SessionCacheDeps;
  readonly #database: SessionDatabase;
  readonly #keyring: () => Promise<Keyring>;
  readonly #isNewByKey = new Map<string, boolean>();
  #dataKey: Promise<DataKey | undefined> | undefined;

  constructor(
    deps: SessionCacheDeps,
    database: SessionDatabase,
    keyring: () => Promise<Keyring>,
  ) {
    this.#deps = deps;
    this.#database = database;
    this.#keyring = keyring;
  }

  async find(identity: string, wanted: Wanted): Promise<Credentials | undefined> {
    const text = await this.#findText(identity, wanted);
    return text === undefined ? undefined : parseCredentials(text);
  }

  async findSecret(identity: string, minTtlSeconds: number): Promise<Secret | undefined> {
    const text = await this.#findText(identity, { minTtlSeconds, minGrantedSeconds: 0 });
    return text === undefined ? undefined : new Secret(text);
  }

  async store(identity: string, entry: SessionEntry): Promise<void> {
    const { credentials, grantedSeconds } = entry;
    const { expiration } = credentials;
    if (expiration === undefined) return;
    const text = renderCredentials(credentials);
    // A program can say any year; nothing of AWS's is good for longer, and nobody could take it back.
    const longest = this.#deps.clock.now().add({ milliseconds: LONGEST_SESSION_MS });
    const until = Temporal.Instant.compare(expiration, longest) > 0 ? longest : expiration;
    await this.#storeText(placeOf(identity, entry, until, grantedSeconds), text);
  }

  async storeSecret(identity: string, entry: SecretEntry): Promise<void> {
    await this.#storeText(placeOf(identity, entry, entry.expiration, 0), entry.secret.reveal());
  }

  generation(keyName: string): number {
    const sql = "SELECT generation FROM generations WHERE key_name = ?";
    return this.#database.read(
      (database) => Number(database.all(sql, keyName)[0]?.["generation"] ?? 0),
      0,
    );
  }

  async raiseGeneration(
    keyName: string,
    keyring: Keyring,
    quiet?: Keyring,
    openQuiet?: () => Promise<Keyring>,
  ): Promise<void> {
    this.#dataKey = undefined;
    const isNew = await this.#isNew(keyName, keyring);
    const isRaised = this.#raise(keyName);
    if (isNew && isRaised) return await this.#noteNew(keyName, openQuiet);
    try {
      if (!isRaised) throw new VaultError("file-failed", "the database cannot be written");
      await noteChange(this.#deps, quiet ?? keyring, keyName);
    } catch (error) {
      if (!isUnreadable(error) && !(quiet && hasCode(error, "needs-person", "keyring-locked"))) {
        throw error;
      }
      await keyring.remove(DATA_KEY_NAME);
      this.#dropKeystore(keyring);
    }
  }

  /**
   * The database may have been taken away, to be put back later: then the name is not new. Nobody is asked
   * for a passphrase for the sake of that, and a keystore that is locked costs no session.
   */
  async #noteNew(keyName: string, openQuiet?: () => Promise<Keyring>): Promise<void> {
    if (openQuiet === undefined) return;
    try {
      await noteChange(this.#deps, await openQuiet(), keyName);
    } catch (error) {
      if (!isUnreadable(error) && !hasCode(error, "needs-person", "keyring-locked")) throw error;
    }
  }

  #raise(keyName: string): boolean {
    const raise = (database: Database) =>
      database.run(
        "INSERT INTO generations VALUES (?, 1) " +
          "ON CONFLICT (key_name) DO UPDATE SET generation = generation + 1",
        keyName,
      ) > 0;
    // Another version of the program must not serve sessions of the old key either.
    this.#database.changeOthers(raise);
    return this.#database.write(raise, false);
  }

  /**
   * Whether this run stores a key where none ever was: no session is of it, and none can be put back.
   * One that another tool took away has left its generation, and its sessions can be put back.
   */
  async #isNew(keyName: string, keyring: Keyring): Promise<boolean> {
    const key = `${keystoreName(keyring)} ${keyName}`;
    const isNew = this.#isNewByKey.get(key) ??
      (this.generation(keyName) === 0 && !await keyring.has(keyName));
    this.#isNewByKey.set(key, isNew);
    return isNew;
  }

  noteKeyCreated(keyName: string, created: Temporal.Instant): void {
    this.#database.write(
      (database) =>
        database.run(
          "INSERT OR REPLACE INTO key_facts (name, created) VALUES (?, ?)",
          keyName,
          created.epochMilliseconds,
        ),
      0,
    );
  }

  keyCreated(keyName: string): Temporal.Instant | undefined {
    const sql = "SELECT name, created FROM key_facts WHERE name = ?";
    const [row] = this.#database.read((database) => database.all(sql, keyName), []);
    return row && parseTime(row["created"]);
  }

  keysCreated(): ReadonlyMap<string, Temporal.Instant> {
    const sql = "SELECT name, created FROM key_facts";
    const rows = this.#database.read((database) => database.all(sql), []);
    const created = rows.map((row) => [String(row["name"]), parseTime(row["created"])] as const);
    return new Map(created.filter((pair): pair is [string, Temporal.Instant] => !!pair[1]));
  }

  list(without?: Keyring): SessionSummary[] {
    const sql = "SELECT DISTINCT identity, kind, profile, source_key, expiration FROM sessions " +
      "WHERE expiration > ? AND key_id NOT IN (SELECT key_id FROM data_keys WHERE keystore = ?) " +
      "ORDER BY profile, kind, expiration, identity";
    const limits = [this.#after(0), without ? keystoreName(without) : ""];
    const rows = this.#database.read((database) => database.all(sql, ...limits), []);
    return rows.map(summarize).filter((row) => row !== undefined);
  }

  drop(identity: string): boolean {
    return this.#delete("WHERE identity = ?", identity) > 0;
  }

  dropProfile(profile: string): number {
    return this.#delete("WHERE profile = ?", profile);
  }

  dropSourceKey(name: string): number {
    return this.#delete("WHERE source_key = ?", name);
  }

  dropAll(): number {
    return this.#delete("");
  }

  requireWorking(): void {
    const { failure } = this.#database;
    if (failure === undefined) return;
    throw new VaultError("file-failed", `Cannot use the session cache: ${failure}`);
  }

  close(): void {
    this.#database.close();
  }

  #delete(where: string, ...values: string[]): number {
    return this.#database.change(
      (database) => database.run(`DELETE FROM sessions ${where}`, ...values),
      0,
    );
  }

  async #findText(identity: string, wanted: Wanted): Promise<string | undefined> {
    const sql = "SELECT key_id, kind, profile, source_key, expiration, granted_seconds, changes, " +
      "sealed FROM sessions WHERE identity = ? AND expiration > ? AND granted_seconds >= ?";
    const limits = [this.#after(wanted.minTtlSeconds), wanted.minGrantedSeconds];
    const rows = this.#database.read((database) => database.all(sql, identity, ...limits), []);
    if (rows.length === 0) return undefined;
    const dataKey = await this.#readDataKey();
    const row = rows.find((one) => one["key_id"] === dataKey?.id);
    if (!dataKey || !row || !(row["sealed"] instanceof Uint8Array)) return undefined;
    const place = placeOfRow(identity, row);
    return isOfBefore(dataKey, place) ? undefined : await unseal(dataKey, place, row["sealed"]);
  }

  async #storeText(row: Omit<SealPlace, "changes">, text: string): Promise<void> {
    // First whether anything can be written at all: otherwise the keyring would be asked for nothing.
    const dataKey = this.#database.write(() => true, false) && await this.#obtainDataKey();
    if (!dataKey) return;
    const place = { ...row, changes: dataKey.changes };
    const { identity, kind, profile, sourceKey = null, expiration, grantedSeconds, changes } =
      place;
    const sealed = await seal(this.#deps.random, dataKey, place, text);
    const now = this.#after(0);
    const keystore = keystoreName(await this.#keyring());
    this.#database.write((database) => {
      database.run("INSERT OR IGNORE INTO data_keys VALUES (?, ?)", dataKey.id, keystore);
      database.run(
        "INSERT OR REPLACE INTO sessions " +
          "(identity, key_id, kind, profile, source_key, expiration, granted_seconds, changes, " +
          "sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ...[identity, dataKey.id, kind, profile, sourceKey, expiration, grantedSeconds, changes],
        sealed,
      );
      cleanUp(database, now);
    }, undefined);
  }

  /** Drops what the data key of a keystore sealed, which is gone. */
  #dropKeystore(keyring: Keyring): void {
    const sealed = "key_id IN (SELECT key_id FROM data_keys WHERE keystore = ?)";
    this.#database.change((database) => {
      for (const table of ["sessions", "data_keys"]) {
        database.run(`DELETE FROM ${table} WHERE ${sealed}`, keystoreName(keyring));
      }
    }, undefined);
  }

  /** At most one read of the keyring a process, whatever is found. */
  #readDataKey(): Promise<DataKey | undefined> {
    this.#dataKey ??= this.#keyring().then(readDataKey).catch((error) => {
      this.#dataKey = undefined;
      if (!isUnreadable(error)) throw error;
      // A profile that needs no keystore still works, and the next read says what is wrong with it.
      if (error.code !== "keyring-unavailable") warnUnreadable(this.#deps.talk, error.message);
      return undefined;
    });
    return this.#dataKey;
  }

  /** The key to store with, or `undefined` where none can be had: what was obtained serves all the same. */
  async #obtainDataKey(): Promise<DataKey | undefined> {
    const known = await this.#dataKey?.catch(() => undefined);
    if (known) return known;
    try {
      const keyring = await this.#keyring();
      const made = await obtainDataKey(this.#deps, keyring, () => this.#dropKeystore(keyring));
      this.#dataKey = Promise.resolve(made);
      return made;
    } catch (error) {
      if (!(error instanceof Error) || hasCode(error, "interrupted")) throw error;
      const text = `Sessions are not cached: ${asClause(error.message)}`;
      warnOnce(this.#deps.talk, text, DATA_KEY_NAME);
      return undefined;
    }
  }

  /** The time that a row must outlive, in milliseconds since 1970. */
  #after(minTtlSeconds: number): number {
    return this.#deps.clock.now().epochMilliseconds + minTtlSeconds * 1000;
  }
}
