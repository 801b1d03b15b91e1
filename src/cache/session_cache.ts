/**
 * The session cache: everything short-lived, sealed, in one SQLite file of the state folder.
 *
 * Long-term keys are never stored here. A lookup needs one SELECT by primary key and, only if there is
 * a row, one read of the keyring per process for the key that opens it (docs/formats.md,
 * "Session database").
 */

import type { Credentials } from "../credentials.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { Database } from "../databases.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import { Secret } from "../secret.ts";
import type { TalkingHost } from "../talk.ts";
import { parseCredentials, renderCredentials } from "./cached_credentials.ts";
import type {
  OpenedSessions,
  SecretEntry,
  SessionCache,
  SessionEntry,
  Wanted,
} from "./cached_sessions.ts";
import { isUnreadable, LONGEST_SESSION_MS, noteChange } from "./data_key.ts";
import { HeldDataKey } from "./held_data_key.ts";
import {
  raiseGeneration,
  readEnd,
  readGeneration,
  readKeyCreated,
  readKeysCreated,
  writeEnd,
  writeKeyCreated,
} from "./key_facts.ts";
import type { OpenedBy } from "./opened_by.ts";
import { seal, type SealPlace, unseal } from "./seal.ts";
import { SessionDatabase } from "./session_database.ts";
import {
  cleanUp,
  deleteRowsOf,
  isOfBefore,
  keystoreName,
  placeOf,
  placeOfRow,
  type SessionSummary,
  summarize,
  writeRow,
} from "./session_rows.ts";
import { stateFolder } from "../state_folder.ts";

/** What the cache needs; the keyring is opened when a row was found or has to be stored. */
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
  readonly #dataKey: HeldDataKey;

  constructor(
    deps: SessionCacheDeps,
    database: SessionDatabase,
    keyring: () => Promise<Keyring>,
  ) {
    this.#deps = deps;
    this.#database = database;
    this.#keyring = keyring;
    this.#dataKey = new HeldDataKey(deps, keyring, (opened) => this.#dropKeystore(opened));
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
    // A program can give any year. Nothing of AWS's is valid for longer, and nobody could revoke it.
    const longest = this.#deps.clock.now().add({ milliseconds: LONGEST_SESSION_MS });
    const until = Temporal.Instant.compare(expiration, longest) > 0 ? longest : expiration;
    await this.#storeText(placeOf(identity, entry, until, grantedSeconds), text);
  }

  async storeSecret(identity: string, entry: SecretEntry): Promise<void> {
    await this.#storeText(placeOf(identity, entry, entry.expiration, 0), entry.secret.reveal());
  }

  async prepare(): Promise<void> {
    await this.#dataKey.obtain();
  }

  generation(keyName: string): number {
    return this.#database.read((database) => readGeneration(database, keyName), 0);
  }

  secrets(kind: string): string[] {
    const sql = "SELECT DISTINCT identity FROM sessions WHERE kind = ? ORDER BY identity";
    const rows = this.#database.read((database) => database.all(sql, kind), []);
    return rows.map((row) => String(row["identity"]));
  }

  count(name: string): void {
    this.#raise(name);
  }

  async raiseGeneration(
    keyName: string,
    keyring: Keyring,
    quiet?: Keyring,
    openQuiet?: () => Promise<Keyring>,
  ): Promise<void> {
    this.#dataKey.forget();
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
   * Somebody may have removed the database to put it back later: then the name is not new. Nobody is asked
   * for a passphrase just for this check, and a locked keystore does not lose a session.
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
    const raise = (database: Database) => raiseGeneration(database, keyName);
    // Another version of the program must not serve sessions of the old key either.
    this.#database.changeOthers(raise);
    return this.#database.write(raise, false);
  }

  /**
   * Whether this invocation stores a key under a new name: it has no sessions, and none can be put back.
   * A key that another tool removed has left its generation, and its sessions can be put back.
   */
  async #isNew(keyName: string, keyring: Keyring): Promise<boolean> {
    const key = `${keystoreName(keyring)} ${keyName}`;
    const isNew = this.#isNewByKey.get(key) ??
      (this.generation(keyName) === 0 && !await keyring.has(keyName));
    this.#isNewByKey.set(key, isNew);
    return isNew;
  }

  noteKeyCreated(keyName: string, created: Temporal.Instant): void {
    this.#database.write((database) => writeKeyCreated(database, keyName, created), undefined);
  }

  keyCreated(keyName: string): Temporal.Instant | undefined {
    return this.#database.read((database) => readKeyCreated(database, keyName), undefined);
  }

  noteEnd(name: string, hash: string, end: Temporal.Instant): void {
    this.#database.write((database) => writeEnd(database, name, hash, end), undefined);
  }

  findEnd(name: string, hash: string): Temporal.Instant | undefined {
    return this.#database.read((database) => readEnd(database, name, hash), undefined);
  }

  keysCreated(): ReadonlyMap<string, Temporal.Instant> {
    return this.#database.read(readKeysCreated, new Map());
  }

  list(): SessionSummary[] {
    return summarize(this.#rows());
  }

  async listOpened(open: () => Promise<OpenedBy | undefined>): Promise<OpenedSessions> {
    const found = this.#rows();
    if (found.length === 0) return { sessions: [], unknown: 0 };
    const { openedRows } = await import("./opened_by.ts");
    const { rows, unknown } = await openedRows(found, await open());
    return { sessions: summarize(rows), unknown };
  }

  #rows() {
    const sql =
      "SELECT identity, kind, profile, source_key, expiration, changes, key_id, keystore " +
      "FROM sessions LEFT JOIN data_keys USING (key_id) " +
      "WHERE expiration > ? AND kind NOT LIKE 'sso-%' ORDER BY profile, kind, expiration, identity";
    return this.#database.read((database) => database.all(sql, this.#after(0)), []);
  }

  drop(identity: string): boolean {
    return this.#delete("WHERE identity = ?", identity) > 0;
  }

  dropProfile(profile: string): number {
    // A login is used by more profiles than the one that first needed it.
    return this.#delete("WHERE profile = ? AND kind NOT LIKE 'sso-%'", profile);
  }

  dropSourceKey(name: string): number {
    return this.#delete("WHERE source_key = ?", name);
  }

  dropAll(): number {
    // Logins are not sessions, and so are not counted.
    this.#delete("WHERE kind LIKE 'sso-%'");
    return this.#delete("");
  }

  requireWorking(): void {
    const { failure } = this.#database;
    if (failure === undefined) return;
    const hints = this.#database.isDamaged ? ["Set the damaged file aside: aws-vault clear"] : [];
    throw new VaultError("file-failed", `Cannot use the session cache: ${failure}`, { hints });
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
    const dataKey = await this.#dataKey.read();
    const row = rows.find((one) => one["key_id"] === dataKey?.id);
    if (!dataKey || !row || !(row["sealed"] instanceof Uint8Array)) return undefined;
    const place = placeOfRow(identity, row);
    return isOfBefore(dataKey, place) ? undefined : await unseal(dataKey, place, row["sealed"]);
  }

  async #storeText(row: Omit<SealPlace, "changes">, text: string): Promise<void> {
    // First checks whether anything can be written: otherwise opening the keyring would be pointless.
    const dataKey = this.#database.write(() => true, false) && await this.#dataKey.obtain();
    if (!dataKey) return;
    const place = { ...row, changes: dataKey.changes };
    const sealed = await seal(this.#deps.random, dataKey, place, text);
    const now = this.#after(0);
    const keystore = keystoreName(await this.#keyring());
    this.#database.write((database) => {
      // The database may have been absent when that keystore got another data key.
      deleteRowsOf(database, keystore, dataKey.id);
      writeRow(database, place, { keyId: dataKey.id, keystore, sealed });
      cleanUp(database, now);
    }, undefined);
  }

  /** Drops what a keystore's data key sealed, after that key is gone. */
  #dropKeystore(keyring: Keyring): void {
    this.#database.change((database) => deleteRowsOf(database, keystoreName(keyring)), undefined);
  }

  /** The time until which a row must be valid, in milliseconds since 1970. */
  #after(minTtlSeconds: number): number {
    return this.#deps.clock.now().epochMilliseconds + minTtlSeconds * 1000;
  }
}
