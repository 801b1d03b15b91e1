import {
  type BackendOptions,
  type GivenFlags,
  type OptionValues,
  readOptions,
} from "./backend_option.ts";
import type { Finding } from "./finding.ts";
import type { Platform } from "./host.ts";
import type { Keyring } from "./keyring.ts";
import { noteOnce, type Talk, type TalkingHost } from "./talk.ts";

/** Where a new passphrase comes from; neither: it is typed twice. */
export interface NewPassphraseSource {
  readonly descriptor?: number | undefined;
  readonly command?: string | undefined;
}

/** What is to be unlocked. */
export interface UnlockRequest {
  /** Every key; else the one of the session cache alone. */
  readonly all: boolean;
  /** For how long; as any use does where it is absent. */
  readonly seconds: number | undefined;
}

/** What was unlocked. */
export interface Unlocked {
  /** How many items are. */
  readonly count: number;
  /** How many more should be, and could not. */
  readonly locked: number;
  readonly seconds: number;
  /** Whether others of the user than this login session can use it, a child of `exec` among them. */
  readonly shared: boolean;
}

/** A back end as it stands on this machine. */
export interface BackendState {
  readonly name: string;
  /** Why it cannot be used here; `undefined` where it can. */
  readonly reason: string | undefined;
  /** Whether keys are looked up in it. */
  readonly isChosen: boolean;
  /** False: only used when it is named. */
  readonly isAutomatic: boolean;
  readonly keepsHistory: boolean;
}

/** Acts while nobody else changes a key of the store. */
export type ActAlone = <T>(act: () => Promise<T>) => Promise<T>;

/** What is known of a back end before its code is loaded. */
interface BackendFacts {
  /** The name that `--backend` takes. */
  readonly name: string;
  readonly platforms: readonly Platform["os"][];
  /** False: only used when it is named. */
  readonly isAutomatic: boolean;
  /** Whether each change of the store may stay in a history, such as git's. */
  readonly keepsHistory?: boolean;
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
  probe(host: TalkingHost, settings: Settings): string | undefined | Promise<string | undefined>;
  open(host: TalkingHost, settings: Settings): Keyring | Promise<Keyring>;
  /**
   * Why another row is used before this one where none is named, such as that both are one program; looks
   * only, as the probe does, and is called after it. Absent: nothing comes before it but the table's order.
   */
  yieldsTo?(host: TalkingHost, settings: Settings): Promise<string | undefined>;
  /**
   * Gives the store another passphrase, all or nothing, and says how many items it holds; absent where
   * a store has none of its own. Asks for the passphrases first, and calls `alone` for the change.
   */
  changePassphrase?(
    host: TalkingHost,
    settings: Settings,
    source: NewPassphraseSource,
    alone: ActAlone,
  ): Promise<number>;
  /**
   * Forgets what stayed unlocked in this login session, of every store of this kind, and says how
   * many items that were; absent where nothing outlasts the process by our doing.
   */
  lock?(host: TalkingHost): Promise<number>;
  /** Unlocks the store in this login session for a while; absent where that is not ours to do. */
  unlock?(host: TalkingHost, settings: Settings, request: UnlockRequest): Promise<Unlocked>;
  /**
   * Right before this process becomes or starts the child of `exec`: takes from it what stays unlocked
   * in this login session, except for the key of the session cache; absent as for `lock`.
   */
  shutOutChild?(host: TalkingHost): Promise<void>;
  /**
   * What is wrong in the store itself, for `doctor`; looks only, and asks nobody. Absent where
   * the store is the system's own.
   */
  examine?(host: TalkingHost, settings: Settings): Promise<readonly Finding[]>;
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
  probe(host: TalkingHost, input: BackendInput): Promise<string | undefined>;
  open(host: TalkingHost, input: BackendInput): Promise<Keyring>;
  yieldsTo?(host: TalkingHost, input: BackendInput): Promise<string | undefined>;
  changePassphrase?(
    host: TalkingHost,
    input: BackendInput,
    source: NewPassphraseSource,
    alone: ActAlone,
  ): Promise<number>;
  lock?(host: TalkingHost): Promise<number>;
  unlock?(host: TalkingHost, input: BackendInput, request: UnlockRequest): Promise<Unlocked>;
  shutOutChild?(host: TalkingHost): Promise<void>;
  examine?(host: TalkingHost, input: BackendInput): Promise<readonly Finding[]>;
}

/** What is written is read again; the code for it is loaded when something is. */
function withReadBack(keyring: Keyring, talk: Pick<Talk, "warn">): Keyring {
  const set = keyring.set.bind(keyring);
  keyring.set = async (key, item) => {
    const { setAndReadBack } = await import("./read_back.ts");
    await setAndReadBack(keyring, set, talk, key, item);
  };
  return keyring;
}

/** Makes a row of the table, whose functions get the values of the options that it declares and no others. */
export function defineBackend<const O extends BackendOptions>(row: BackendRow<O>): Backend {
  const { changePassphrase, lock, unlock, shutOutChild, examine, yieldsTo } = row;
  const settings = ({ env, talk }: TalkingHost, { flags, mayPrompt }: BackendInput) => ({
    ...readOptions(row.options, flags, env, (text) => noteOnce(talk, text)),
    mayPrompt,
  });
  return {
    name: row.name,
    platforms: row.platforms,
    isAutomatic: row.isAutomatic,
    ...(row.keepsHistory !== undefined && { keepsHistory: row.keepsHistory }),
    options: row.options,
    probe: async (host, input) => await row.probe(host, settings(host, input)),
    open: async (host, input) =>
      withReadBack(await row.open(host, settings(host, input)), host.talk),
    ...(yieldsTo && {
      yieldsTo: async (host: TalkingHost, input: BackendInput) =>
        await yieldsTo(host, settings(host, input)),
    }),
    ...(changePassphrase && {
      changePassphrase: async (host: TalkingHost, input: BackendInput, source, alone) =>
        await changePassphrase(host, settings(host, input), source, alone),
    }),
    ...(lock && { lock }),
    ...(unlock && {
      unlock: async (host: TalkingHost, input: BackendInput, request) =>
        await unlock(host, settings(host, input), request),
    }),
    ...(shutOutChild && { shutOutChild }),
    ...(examine && {
      examine: async (host: TalkingHost, input: BackendInput) =>
        await examine(host, settings(host, input)),
    }),
  };
}
