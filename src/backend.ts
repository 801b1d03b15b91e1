import type { Host, Platform } from "./host.ts";
import type { BackendName, Keyring } from "./keyring.ts";
import type { Talk } from "./talk.ts";

/** What the flags and variables of contracts 13 say about back ends; each takes what is its own. */
export interface BackendOptions {
  readonly keychain?: string | undefined;
  readonly secretServiceCollection?: string | undefined;
  readonly passDir?: string | undefined;
  readonly passCmd?: string | undefined;
  readonly passPrefix?: string | undefined;
  readonly fileDir?: string | undefined;
  /** An inherited file descriptor that gives the file store's passphrase. */
  readonly passphraseFd?: number | undefined;
  /** A program that prints the file store's passphrase. */
  readonly passphraseCommand?: string | undefined;
  /** How long the file store stays unlocked in a login session, in seconds; 0: each process asks. */
  readonly fileUnlockSeconds?: number | undefined;
  readonly biometrics?: boolean | undefined;
  /** Whether a person may be asked (passphrase, unlock dialog). */
  readonly mayPrompt: boolean;
}

/** Where a new passphrase comes from; neither: it is typed twice. */
export interface NewPassphraseSource {
  readonly descriptor?: number | undefined;
  readonly command?: string | undefined;
}

/** The world that a back end sees. */
export type BackendHost = Host & { readonly talk: Talk };

/** One row of the table of back ends (`backends/mod.ts`). */
export interface Backend {
  readonly name: BackendName;
  readonly platforms: readonly Platform["os"][];
  /** False: only used when it is named. */
  readonly isAutomatic: boolean;
  /**
   * Why it cannot be used here, or `undefined` where it can. Quick (under 2 s), silent, never asks;
   * a missing bus, library or program is an answer, not an error.
   */
  probe(host: BackendHost, options: BackendOptions): Promise<string | undefined>;
  open(host: BackendHost, options: BackendOptions): Promise<Keyring>;
  /**
   * Gives the store another passphrase, all or nothing, and says how many items it holds; absent where
   * a store has none of its own.
   */
  changePassphrase?(
    host: BackendHost,
    options: BackendOptions,
    source: NewPassphraseSource,
  ): Promise<number>;
  /**
   * Forgets what stayed unlocked in this login session, of every store of this kind, and says how
   * many items that were; absent where nothing outlasts the process by our doing.
   */
  lock?(host: BackendHost): Promise<number>;
}
