import type { VaultError } from "../../src/errors.ts";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import { type KekSource, newSealingKey, type SealingKey } from "./jwe.ts";
import type { KekCache } from "./kek_cache.ts";
import { KekMemory } from "./kek_memory.ts";
import { NextKeys } from "./next_keys.ts";
import type { OldReadingDeps } from "./old_reading.ts";
import { isWrongKey, openText } from "./open.ts";
import { PassphraseKeeper } from "./passphrase.ts";
import { type Fit, fitOf, unlessUnreadable } from "./passphrase_fit.ts";
import { isPassphraseReady } from "./passphrase_ready.ts";
import {
  type Passphrase,
  PASSPHRASE_VARIABLE,
  type PassphraseSource,
} from "./passphrase_source.ts";
import type { FileStore, StoredText } from "./store.ts";
import { otherPassphrase, wrongPassphrase } from "./wrong_passphrase.ts";

/** Opens the items of one store with one passphrase, asked for at most once (except for typing errors). */
export interface FileUnlock {
  /**
   * Decrypts an item's text. Throws `wrong-passphrase`, or `damaged-item` with the file's path; the
   * file stays as it is.
   */
  open(item: StoredText): Promise<string>;
  /**
   * Obtains the passphrase to write with: one that opens what is stored, so that the store keeps one
   * passphrase. In an empty store a new one, typed twice.
   */
  obtainForWriting(): Promise<void>;
  /**
   * The key for an item that is to be written, of that passphrase; for the holder of the store's lock.
   * Throws `wrong-passphrase` if the passphrase does not (or no longer) open what is stored.
   */
  sealingKey(): Promise<SealingKey>;
  /** Whether {@linkcode takeNextKey} may give a key, and there is no passphrase yet. */
  mayHaveNextKey(key: string): Promise<boolean>;
  /**
   * A key for the item that was left for it less than a minute ago (`next_keys.ts`); for the holder of
   * the store's lock.
   */
  takeNextKey(key: string): Promise<SealingKey | undefined>;
  /**
   * Keeps an item unlocked that was sealed with a key, like those that were read. Called before it is
   * written: another process may read it at once, and must not ask.
   */
  keepSealed(item: StoredText, used: SealingKey): Promise<void>;
  /** Leaves keys for the next items (`next_keys.ts`), after one was written with a key. */
  leaveNextKeys(used: SealingKey): Promise<void>;
  /** Ends what was left for next items, after the passphrase was changed. */
  forgetNextKeys(): Promise<void>;
  /**
   * Keeps an item unlocked, and returns whether it is. For a caller that has already tried the
   * passphrase.
   */
  keepUnlocked(key: string): Promise<boolean>;
}

/** Where the passphrase of a store comes from, and what outlasts the process. */
export interface UnlockOptions {
  readonly passphrase: PassphraseSource;
  readonly mayPrompt: boolean;
  /** What an earlier process unlocked; if absent, each process asks. */
  readonly cache?: KekCache | undefined;
  /** How long the cache keeps something, in seconds. */
  readonly unlockSeconds?: number | undefined;
}

/** The unlocking of a store. Asks for the passphrase on first use. */
export function fileUnlock(
  deps: OldReadingDeps,
  store: FileStore,
  { passphrase: source, mayPrompt, cache, unlockSeconds = 0 }: UnlockOptions,
): FileUnlock {
  const keeper = new PassphraseKeeper(deps, { folder: store.folder, source, mayPrompt });
  // A passphrase that is there is tried: a wrong one is refused.
  const seconds = cache && !isPassphraseReady(deps, source) ? unlockSeconds : 0;
  return new StoreUnlock(deps, store, keeper, cache, new NextKeys(deps.native, store, seconds));
}

class StoreUnlock implements FileUnlock {
  readonly #deps: OldReadingDeps;
  readonly #store: FileStore;
  readonly #keeper: PassphraseKeeper;
  readonly #keks = new KekMemory();
  readonly #cache: KekCache | undefined;
  readonly #nextKeys: NextKeys;
  #isSaid = false;
  /** Whether the passphrase opened something, or is the first one of the store. */
  #isRight = false;
  #hasLeftKeys = false;

  constructor(
    deps: OldReadingDeps,
    store: FileStore,
    keeper: PassphraseKeeper,
    cache: KekCache | undefined,
    nextKeys: NextKeys,
  ) {
    this.#deps = deps;
    this.#store = store;
    this.#keeper = keeper;
    this.#cache = cache;
    this.#nextKeys = nextKeys;
  }

  async open(stored: StoredText): Promise<string> {
    let item = stored;
    while (true) {
      let passphrase: Passphrase | undefined;
      try {
        // Asked for only after the text has turned out to be one that a passphrase opens.
        const text = await openText(item, async (salt, rounds) => {
          passphrase = await this.#keeper.passphrase();
          return await this.#keks.kek(passphrase, salt, rounds);
        });
        if (passphrase) await this.#keepUsed(item, passphrase);
        return text;
      } catch (error) {
        if (!isWrongKey(error) || !passphrase) throw error;
        if (await this.#fit(passphrase) === "fits") throw otherPassphrase(item);
        if (!await this.#sealOldReadings(passphrase)) await this.#requireRetry(passphrase);
        item = this.#store.read(item.key) ?? item;
      }
    }
  }

  async obtainForWriting(): Promise<void> {
    while (true) {
      const isNew = this.#store.isEmpty();
      const passphrase = await (isNew ? this.#keeper.firstPassphrase() : this.#keeper.passphrase());
      const fit = await this.#fit(passphrase);
      this.#isRight ||= isNew || fit === "fits";
      if (fit !== "wrong") return;
      if (!await this.#sealOldReadings(passphrase)) await this.#requireRetry(passphrase);
    }
  }

  async sealingKey(): Promise<SealingKey> {
    const passphrase = await this.#keeper.passphrase();
    if (await this.#fit(passphrase) === "wrong") throw this.#isWrong(passphrase);
    return await this.#newKey(passphrase);
  }

  async mayHaveNextKey(key: string): Promise<boolean> {
    return !this.#keeper.hasPassphrase && await this.#nextKeys.mayHave(key);
  }

  forgetNextKeys(): Promise<void> {
    return this.#nextKeys.forget();
  }

  async takeNextKey(key: string): Promise<SealingKey | undefined> {
    const taken = await this.#nextKeys.take(key);
    if (taken === undefined || key === DATA_KEY_NAME) return taken;
    // Where the item cannot be kept unlocked, reading it back would ask after all.
    const { salt, rounds, kek } = taken;
    return await this.#cache?.keep(salt, rounds, kek) ? taken : undefined;
  }

  async keepSealed(item: StoredText, used: SealingKey): Promise<void> {
    const passphrase = await this.#passphraseUsed();
    if (passphrase && isFree(passphrase)) return;
    await this.#keep(item, () => Promise.resolve(used.kek), passphrase?.typed);
  }

  async leaveNextKeys(used: SealingKey): Promise<void> {
    const passphrase = await this.#passphraseUsed();
    if (!passphrase?.typed || !this.#isRight || this.#hasLeftKeys) return;
    this.#hasLeftKeys = true;
    await this.#nextKeys.leave(used, () => this.#newKey(passphrase));
  }

  async #passphraseUsed(): Promise<Passphrase | undefined> {
    return this.#keeper.hasPassphrase ? await this.#keeper.passphrase() : undefined;
  }

  async keepUnlocked(key: string): Promise<boolean> {
    const item = this.#cache && unlessUnreadable(() => this.#store.read(key));
    return item !== undefined && await this.#keepBy(item, await this.#keeper.passphrase());
  }

  #fit(passphrase: Passphrase): Promise<Fit> {
    return fitOf(this.#store, (salt, rounds) => this.#keks.kek(passphrase, salt, rounds));
  }

  #newKey(passphrase: Passphrase): Promise<SealingKey> {
    return newSealingKey(this.#deps.random, (...of) => this.#keks.kek(passphrase, ...of));
  }

  /**
   * The last try for a passphrase that opens nothing: whether it opens items now, because an old
   * reading did.
   */
  async #sealOldReadings(passphrase: Passphrase): Promise<boolean> {
    if (!passphrase.typed) return false;
    const { sealOldReadings } = await import("./old_reading.ts");
    return await sealOldReadings(this.#deps, this.#store, this.#keks, passphrase);
  }

  /** Throws if there is no other passphrase to try. */
  async #requireRetry(passphrase: Passphrase): Promise<void> {
    if (!await this.#keeper.mayRetry(passphrase)) throw this.#isWrong(passphrase);
  }

  #isWrong(passphrase: Passphrase): VaultError {
    return wrongPassphrase(this.#store.folder, passphrase);
  }

  /**
   * Keeps the item that was used, and the data key, so that the next call does not ask the person
   * again.
   */
  async #keepUsed(item: StoredText, passphrase: Passphrase): Promise<void> {
    if (this.#cache === undefined) return;
    const isUsed = item.key === DATA_KEY_NAME || isFree(passphrase);
    const others = isUsed ? [] : [unlessUnreadable(() => this.#store.read(DATA_KEY_NAME))];
    await Promise.all([item, ...others].map((one) => one && this.#keepBy(one, passphrase)));
  }

  #keepBy(item: StoredText, passphrase: Passphrase): Promise<boolean> {
    return this.#keep(item, (...of) => this.#keks.kek(passphrase, ...of), passphrase.typed);
  }

  /**
   * Keeps the key of an item after it opened. For another passphrase or a damaged item, nothing is
   * kept.
   */
  async #keep(item: StoredText, kekOf: KekSource, typed = false): Promise<boolean> {
    const cache = this.#cache;
    if (cache === undefined) return false;
    const opened = await tryToOpen(item, kekOf);
    if (opened === undefined) return false;
    if (item.key === DATA_KEY_NAME) return await cache.keepOpened(item.text, opened.text);
    if (opened.key === undefined) return false;
    const isKept = await cache.keep(...opened.key);
    if (!isKept && typed) await this.#sayWhyNot(cache);
    return isKept;
  }

  /**
   * For a person who was asked, and will be asked again at the next use. Printed at the terminal,
   * where the question was.
   */
  async #sayWhyNot(cache: KekCache): Promise<void> {
    if (this.#isSaid || !await cache.isShared()) return;
    this.#isSaid = true;
    await this.#deps.terminal.write(SHARED);
  }
}

const SHARED =
  "Keys do not stay unlocked here, because all of your processes share a session keyring; " +
  "for a shell with its own: keyctl session - bash\n";

/** An item's text, and the key that opened it; `undefined` if it does not open. */
async function tryToOpen(item: StoredText, kekOf: KekSource) {
  let key: Parameters<KekCache["keep"]> | undefined;
  try {
    const text = await openText(item, async (salt, rounds) => {
      const kek = await kekOf(salt, rounds);
      key = [salt, rounds, kek];
      return kek;
    });
    return { text, key };
  } catch {
    return undefined;
  }
}

/**
 * The one in the environment costs no person anything: an item it unlocks can wait until it is
 * read.
 */
function isFree(passphrase: Passphrase): boolean {
  return passphrase.from === PASSPHRASE_VARIABLE;
}
