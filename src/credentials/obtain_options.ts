import type { Keyring } from "../keyring.ts";
import type { Lifetimes } from "../config/lifetimes.ts";

/** How the person wants credentials to be obtained. */
export interface ObtainOptions {
  readonly lifetimes: Lifetimes;
  /** What the result must still live, in seconds; sources need only the lifetimes' minimum. */
  readonly minTtlSeconds: number;
  /**
   * Opens the keyring that asks nobody, where credentials with less than half of their life left are
   * renewed if no person is needed for it; absent: they serve to their minimum.
   */
  readonly renewWith?: (() => Promise<Keyring>) | undefined;
  /** False: neither look into the cache nor store. */
  readonly useCache: boolean;
  readonly mfaToken: string | undefined;
  readonly promptDriver: string | undefined;
  readonly mayPrompt: boolean;
  /** Is called before each call and each program that gives credentials. */
  readonly onCall?: ((action: string) => void) | undefined;
  /** How long to wait for another process, in milliseconds; 55 s by default. */
  readonly waitMs: number | undefined;
}
