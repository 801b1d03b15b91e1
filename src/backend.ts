import {
  type BackendOptions,
  type GivenFlags,
  type OptionValues,
  readOptions,
} from "./backend_option.ts";
import type { Host, Platform } from "./host.ts";
import type { Keyring } from "./keyring.ts";
import type { Talk } from "./talk.ts";

/** Where a new passphrase comes from; neither: it is typed twice. */
export interface NewPassphraseSource {
  readonly descriptor?: number | undefined;
  readonly command?: string | undefined;
}

/** The world that a back end sees. */
export type BackendHost = Host & { readonly talk: Talk };

/** What is said of a back end before its code is loaded. */
interface BackendFacts {
  /** The name that `--backend` takes. */
  readonly name: string;
  readonly platforms: readonly Platform["os"][];
  /** False: only used when it is named. */
  readonly isAutomatic: boolean;
}

/**
 * One back end, as its folder declares it; `Settings` are the values of its own options.
 *
 * Light: a row is loaded by every call, and imports the code of its keyring when it is used.
 */
interface BackendRow<O extends BackendOptions, Settings = OptionValues<O> & MayPrompt>
  extends BackendFacts {
  readonly options: O;
  /**
   * Why it cannot be used here, or `undefined` where it can. Quick (under 2 s), silent, never asks;
   * a missing bus, library or program is an answer, not an error.
   */
  probe(host: BackendHost, settings: Settings): string | undefined | Promise<string | undefined>;
  open(host: BackendHost, settings: Settings): Keyring | Promise<Keyring>;
  /**
   * Gives the store another passphrase, all or nothing, and says how many items it holds; absent where
   * a store has none of its own.
   */
  changePassphrase?(
    host: BackendHost,
    settings: Settings,
    source: NewPassphraseSource,
  ): Promise<number>;
  /**
   * Forgets what stayed unlocked in this login session, of every store of this kind, and says how
   * many items that were; absent where nothing outlasts the process by our doing.
   */
  lock?(host: BackendHost): Promise<number>;
}

interface MayPrompt {
  /** Whether a person may be asked (passphrase, unlock dialog). */
  readonly mayPrompt: boolean;
}

/** What a command line says to back ends; each takes from it what it has declared. */
export interface BackendInput extends MayPrompt {
  readonly flags: GivenFlags;
}

/** One row of the table of back ends (`backends/mod.ts`): it reads its own options. */
export interface Backend extends BackendFacts {
  readonly options: BackendOptions;
  /** As of the row; throws `bad-usage` where an option of it cannot be understood, and so do the others. */
  probe(host: BackendHost, input: BackendInput): Promise<string | undefined>;
  open(host: BackendHost, input: BackendInput): Promise<Keyring>;
  changePassphrase?(
    host: BackendHost,
    input: BackendInput,
    source: NewPassphraseSource,
  ): Promise<number>;
  lock?(host: BackendHost): Promise<number>;
}

/** Makes a row of the table, whose functions get the values of the options that it declares and no others. */
export function defineBackend<const O extends BackendOptions>(row: BackendRow<O>): Backend {
  const { changePassphrase, lock } = row;
  const settings = ({ env }: BackendHost, { flags, mayPrompt }: BackendInput) => ({
    ...readOptions(row.options, flags, env),
    mayPrompt,
  });
  return {
    name: row.name,
    platforms: row.platforms,
    isAutomatic: row.isAutomatic,
    options: row.options,
    probe: async (host, input) => await row.probe(host, settings(host, input)),
    open: async (host, input) => await row.open(host, settings(host, input)),
    ...(changePassphrase && {
      changePassphrase: async (host: BackendHost, input: BackendInput, source) =>
        await changePassphrase(host, settings(host, input), source),
    }),
    ...(lock && { lock }),
  };
}
