/** What is kept of sessions, and how it is asked for; `session_cache.ts` keeps it. */

import type { Credentials } from "../credentials.ts";
import type { Keyring } from "../keyring.ts";
import type { Secret } from "../secret.ts";
import type { OpenedBy } from "./opened_by.ts";
import type { EntryOwner, SessionSummary } from "./session_rows.ts";

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
  /** Caches credentials; a failure is reported once, since they serve anyway. */
  store(identity: string, entry: SessionEntry): Promise<void>;
  /** Like {@linkcode SessionCache.find}, for what {@linkcode SessionCache.storeSecret} stored. */
  findSecret(identity: string, minTtlSeconds: number): Promise<Secret | undefined>;
  /** Like {@linkcode SessionCache.store}, for any text. */
  storeSecret(identity: string, entry: SecretEntry): Promise<void>;
  /** The identities of the rows of a kind that {@linkcode SessionCache.storeSecret} stored. */
  secrets(kind: string): string[];
  /** Makes the key that seals what is cached, where there is none, while the keystore is open anyway. */
  prepare(): Promise<void>;
  /** How often the long-term key of the name was replaced or removed, or {@linkcode SessionCache.count} counted. */
  generation(keyName: string): number;
  /**
   * Counts that something began again which sessions depend on, such as a login: those from before are a
   * miss. The keyring has no part in it, unlike {@linkcode SessionCache.raiseGeneration}.
   */
  count(name: string): void;
  /**
   * Makes every session of the key a miss, for good; code that changes or removes a key calls it before
   * and after the change.
   *
   * The change is also written beside the data key in the keyring: rows from before, which somebody puts
   * back into the database, do not serve. Where it cannot be written, the data key is removed. With
   * `quiet`, the same keyring that asks nobody, that applies to a locked one, too; else it throws what a
   * keyring throws that needs a person. A name under which no key ever was as far as the database says,
   * is written down by `openQuiet` alone, where that needs nobody.
   */
  raiseGeneration(
    keyName: string,
    keyring: Keyring,
    quiet?: Keyring,
    openQuiet?: () => Promise<Keyring>,
  ): Promise<void>;
  /**
   * Keeps in mind when AWS made the long-term key of a name, or when it was first seen; of a device whose
   * seed is stored, when the window of its last code began.
   */
  noteKeyCreated(keyName: string, created: Temporal.Instant): void;
  /** What {@linkcode SessionCache.noteKeyCreated} kept, or `undefined`. */
  keyCreated(keyName: string): Temporal.Instant | undefined;
  /** Keeps in mind when a certificate ends: of the one of a name whose hash this is, 64 digits, and of no other. */
  noteEnd(name: string, hash: string, end: Temporal.Instant): void;
  /** What {@linkcode SessionCache.noteEnd} kept, or `undefined`. */
  findEnd(name: string, hash: string): Temporal.Instant | undefined;
  /** All of what {@linkcode SessionCache.noteKeyCreated} kept, by name. */
  keysCreated(): ReadonlyMap<string, Temporal.Instant>;
  /**
   * The rows that have not expired, by profile. No secrets, no keyring. Logins are omitted: tokens and
   * registrations are not sessions.
   */
  list(): SessionSummary[];
  /**
   * The same, and of the keystore of what `open` gives only what its data key opens; `open` is called
   * where there is a row at all, and everything is listed where it gives nothing.
   */
  listOpened(open: () => Promise<OpenedBy | undefined>): Promise<SessionSummary[]>;
  /** Drops one row, and says whether there was one. */
  drop(identity: string): boolean;
  /** Drops what was obtained for a profile, except for a login, and gives the number of rows. */
  dropProfile(profile: string): number;
  /** Drops what was obtained with a long-term key, for any profile, and gives the number of rows. */
  dropSourceKey(name: string): number;
  /** Drops everything, and gives the number of sessions among it. */
  dropAll(): number;
  /**
   * Throws `file-failed` where the database could not be read or written so far, for commands that
   * are about the cache itself: for the others that is a warning.
   */
  requireWorking(): void;
  close(): void;
}
