/** The interface of the session cache, which `session_cache.ts` implements. */

import type { Credentials } from "../credentials.ts";
import type { Keyring } from "../keyring.ts";
import type { Secret } from "../secret.ts";
import type { OpenedBy } from "./opened_by.ts";
import type { EntryOwner, SessionSummary } from "./session_rows.ts";

/** Credentials to be cached. */
export interface SessionEntry extends EntryOwner {
  /** The requested duration in seconds; 0 if the call takes none. */
  readonly grantedSeconds: number;
  /** Not cached without an expiration: nobody could tell how long they are valid. */
  readonly credentials: Credentials;
}

/** Any other secret to be cached, such as a token. */
export interface SecretEntry extends EntryOwner {
  readonly secret: Secret;
  /** From then on it is a miss and may be cleaned up. */
  readonly expiration: Temporal.Instant;
}

/** The conditions for a row to be a hit. */
export interface Wanted {
  /** The minimum remaining lifetime, in seconds from now. */
  readonly minTtlSeconds: number;
  /** The minimum requested duration, in seconds: a longer request needs a new session. */
  readonly minGrantedSeconds: number;
}

/** The cached sessions that a keystore's data key opens. */
export interface OpenedSessions {
  readonly sessions: SessionSummary[];
  /** How many more it may open: the keystore is locked, and does not show which data key it has. */
  readonly unknown: number;
}

/**
 * The cached sessions, opened once per process. A failure of the database is reported once and
 * counts as a miss.
 */
export interface SessionCache {
  /**
   * The credentials of a row that meets the conditions, or `undefined`: no row, or none that the data
   * key opens. Throws what the keyring throws (`keyring-locked` is not a miss), but reads the keyring
   * only when there is a row.
   */
  find(identity: string, wanted: Wanted): Promise<Credentials | undefined>;
  /** Caches credentials; a failure is only reported, once, since the credentials can still be used. */
  store(identity: string, entry: SessionEntry): Promise<void>;
  /** Like {@linkcode SessionCache.find}, for what {@linkcode SessionCache.storeSecret} stored. */
  findSecret(identity: string, minTtlSeconds: number): Promise<Secret | undefined>;
  /** Like {@linkcode SessionCache.store}, for any text. */
  storeSecret(identity: string, entry: SecretEntry): Promise<void>;
  /** The identities of the rows of a kind that {@linkcode SessionCache.storeSecret} stored. */
  secrets(kind: string): string[];
  /** Makes the data key if there is none, while the keystore is open anyway. */
  prepare(): Promise<void>;
  /** How often the long-term key was replaced or removed, or {@linkcode SessionCache.count} was called. */
  generation(keyName: string): number;
  /**
   * Counts a new start of something that sessions depend on, such as a login: older sessions become
   * a miss. Does not use the keyring, unlike {@linkcode SessionCache.raiseGeneration}.
   */
  count(name: string): void;
  /**
   * Makes every session of the key a miss, for good; code that changes or removes a key calls it before
   * and after the change.
   *
   * The change is also recorded beside the data key in the keyring, so that older rows that somebody puts
   * back into the database are a miss. If it cannot be recorded, the data key is removed. With `quiet`, the
   * same keyring that asks nobody, that also applies to a locked keyring; without it, this throws what a
   * keyring throws that needs a person. If the database has no key of that name, the change is recorded
   * only through `openQuiet`, if that needs nobody.
   */
  raiseGeneration(
    keyName: string,
    keyring: Keyring,
    quiet?: Keyring,
    openQuiet?: () => Promise<Keyring>,
  ): Promise<void>;
  /**
   * Records when AWS made the long-term key of a name, or when it was first seen; for a device whose seed
   * is stored, when the window of its last code began.
   */
  noteKeyCreated(keyName: string, created: Temporal.Instant): void;
  /** What {@linkcode SessionCache.noteKeyCreated} recorded, or `undefined`. */
  keyCreated(keyName: string): Temporal.Instant | undefined;
  /** Records when the certificate of a name expires; `hash`, 64 digits, identifies the certificate. */
  noteEnd(name: string, hash: string, end: Temporal.Instant): void;
  /** What {@linkcode SessionCache.noteEnd} recorded, or `undefined`. */
  findEnd(name: string, hash: string): Temporal.Instant | undefined;
  /** Everything that {@linkcode SessionCache.noteKeyCreated} recorded, by name. */
  keysCreated(): ReadonlyMap<string, Temporal.Instant>;
  /**
   * The unexpired rows, by profile, without secrets or the keyring. Logins are omitted: tokens and
   * registrations are not sessions.
   */
  list(): SessionSummary[];
  /**
   * The same, but only the rows that the data key of a keystore opens. `open` is called only if there is a
   * row, and returns nothing if the keystore's state is unknown.
   */
  listOpened(open: () => Promise<OpenedBy | undefined>): Promise<OpenedSessions>;
  /** Drops one row, and says whether there was one. */
  drop(identity: string): boolean;
  /** Drops what was obtained for a profile, except logins, and returns the number of rows. */
  dropProfile(profile: string): number;
  /** Drops what was obtained with a long-term key, for any profile, and returns the number of rows. */
  dropSourceKey(name: string): number;
  /** Drops everything, and returns the number of sessions that were dropped. */
  dropAll(): number;
  /**
   * Throws `file-failed` if the database could not be read or written so far, for commands about
   * the cache itself; for other commands that is a warning.
   */
  requireWorking(): void;
  close(): void;
}
