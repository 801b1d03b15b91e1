import type { Keyring } from "../keyring.ts";
import type { Lifetimes } from "../config/lifetimes.ts";

/** The person's options for obtaining credentials. */
export interface ObtainOptions {
  readonly lifetimes: Lifetimes;
  /** The result's least remaining lifetime, in seconds; sources need only the lifetimes' minimum. */
  readonly minTtlSeconds: number;
  /**
   * Opens the keyring that asks nobody, to renew credentials with less than half of their lifetime
   * left if no person is needed; absent: they serve until their minimum is reached.
   */
  readonly renewWith?: (() => Promise<Keyring>) | undefined;
  /** False: neither reads nor writes the cache. */
  readonly useCache: boolean;
  readonly mfaToken: string | undefined;
  readonly promptDriver: string | undefined;
  readonly mayPrompt: boolean;
  /** Why nobody may be asked, if not because of `--no-prompt`. */
  readonly whyUnasked?: string | undefined;
  /** Called before each call and each program that gives credentials. */
  readonly onCall?: ((action: string) => void) | undefined;
  /** How long to wait for another process, in milliseconds; 55 s by default. */
  readonly waitMs: number | undefined;
}
