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

/** Where a new passphrase comes from; with neither, the person types it twice. */
export interface NewPassphraseSource {
  readonly descriptor?: number | undefined;
  readonly command?: string | undefined;
}

/** What is to be unlocked. */
export interface UnlockRequest {
  /** Every key; otherwise only the session cache's. */
  readonly all: boolean;
  /** For how long; if absent, as long as after any other use. */
  readonly seconds: number | undefined;
}

/** What was unlocked. */
export interface Unlocked {
  /** How many items were unlocked. */
  readonly count: number;
  /** How many more items should have been unlocked, but could not be. */
  readonly locked: number;
  readonly seconds: number;
  /** Whether the user's other login sessions can use it too, a child of `exec` included. */
  readonly shared: boolean;
}

/** A back end as it stands on this machine. */
export interface BackendState {
  readonly name: string;
  /** Why it cannot be used here; `undefined` if it can. */
  readonly reason: string | undefined;
  /** Whether keys are looked up in it. */
  readonly isChosen: boolean;
  /** False: only used when it is named. */
  readonly isAutomatic: boolean;
  readonly keepsHistory: boolean;
}

/** Runs `act` while nobody else changes a key of the store. */
export type ActAlone = <T>(act: () => Promise<T>) => Promise<T>;

/** What is known of a back end before its code is loaded. */
interface BackendFacts {
  /** The name that `--backend` takes. */
  readonly name: string;
  readonly platforms: readonly Platform["os"][];
  /** False: only used when it is named. */
  readonly isAutomatic: boolean;
  /** Whether changes to the store may be kept in a history, such as git's. */
  readonly keepsHistory?: boolean;
}

/**
 * One back end, as its folder declares it; `Settings` are the values of its options.
 *
 * Kept light: every call loads the row, which imports the code of its keyring only on use.
 */
interface BackendRow<O extends BackendOptions, Settings = OptionValues<O> & MayPrompt>
  extends BackendFacts {
  readonly options: O;
  /**
   * Why it cannot be used here, or `undefined` if it can. Quick (under 2 s), silent, never asks;
   * a missing bus, library or program is an answer, not an error.
   */
  probe(host: TalkingHost, settings: Settings): string | undefined | Promise<string | undefined>;
  open(host: TalkingHost, settings: Settings): Keyring | Promise<Keyring>;
  /**
   * Why another row goes before this one if no back end is named, for example because both are one program.
   * Read-only like the probe, and called after it. Absent: only the table's order decides.
   */
  yieldsTo?(host: TalkingHost, settings: Settings): Promise<string | undefined>;
  /**
   * Changes the store's passphrase, all or nothing, and returns how many items it holds. Absent if the
   * store has no passphrase. Asks for the passphrases first, and calls `alone` for the change.
   */
  changePassphrase?(
    host: TalkingHost,
    settings: Settings,
    source: NewPassphraseSource,
    alone: ActAlone,
  ): Promise<number>;
  /**
   * Locks whatever is still unlocked in this login session, in every store of this kind, and returns the
   * number of items. Absent if this program keeps nothing unlocked after the process ends.
   */
  lock?(host: TalkingHost): Promise<number>;
  /** Unlocks the store in this login session for a while; absent if this program cannot do that. */
  unlock?(host: TalkingHost, settings: Settings, request: UnlockRequest): Promise<Unlocked>;
  /**
   * Called right before this process becomes or starts the child of `exec`: denies the child access to what
   * stays unlocked in this login session, except the session cache's key. Absent as for `lock`.
   */
  shutOutChild?(host: TalkingHost): Promise<void>;
  /**
   * What is wrong in the store itself, for `doctor`. Read-only, asks nobody. Absent if the store belongs
   * to the operating system.
   */
  examine?(host: TalkingHost, settings: Settings): Promise<readonly Finding[]>;
}

interface MayPrompt {
  /** Whether a person may be asked (passphrase, unlock dialog). */
  readonly mayPrompt: boolean;
}

/** What the command line holds for back ends; each reads the options that it declares. */
export interface BackendInput extends MayPrompt {
  readonly flags: GivenFlags;
}

/** One row of the table of back ends (`backends/mod.ts`), which reads its own options. */
export interface Backend extends BackendFacts {
  readonly options: BackendOptions;
  /** As in `BackendRow`. Like the methods below, throws `bad-usage` if it cannot parse an option. */
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

/** Reads back what is written; the code for that is loaded on the first write. */
function withReadBack(keyring: Keyring, talk: Pick<Talk, "warn">): Keyring {
  const set = keyring.set.bind(keyring);
  keyring.set = async (key, item) => {
    const { setAndReadBack } = await import("./read_back.ts");
    await setAndReadBack(keyring, set, talk, key, item);
  };
  return keyring;
}

/** Makes a row of the table. Its functions get only the values of the options that it declares. */
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
