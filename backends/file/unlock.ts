import { VaultError } from "../../src/errors.ts";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import type { Secret } from "../../src/secret.ts";
import { quote } from "../../src/text.ts";
import type { KekSource } from "./jwe.ts";
import type { KekCache } from "./kek_cache.ts";
import { KekMemory } from "./kek_memory.ts";
import type { OldReadingDeps } from "./old_reading.ts";
import { isWrongKey, openText } from "./open.ts";
import { PassphraseKeeper } from "./passphrase.ts";
import {
  type Passphrase,
  PASSPHRASE_VARIABLE,
  type PassphraseSource,
} from "./passphrase_source.ts";
import type { FileStore, StoredText } from "./store.ts";

/** How many items a passphrase is tried on before it counts as wrong for the whole store. */
const MOST_TRIED = 4;

/** Opens the items of one store with one passphrase, asked for at most once (except for typing errors). */
export interface FileUnlock {
  /**
   * Decrypts an item's text. Throws `wrong-passphrase`, or `damaged-item` with the file's path; the
   * file stays as it is.
   */
  open(item: StoredText): Promise<string>;
  /**
   * The passphrase to write with: one that opens what is stored, so that the store keeps one
   * passphrase. In an empty store a new one, typed twice.
   */
  passphraseForWriting(): Promise<Secret>;
  /** Throws `wrong-passphrase` if the passphrase does not (or no longer) open what is stored. */
  requireFit(): Promise<void>;
  /** Keeps an item unlocked that was just written, like those that were read. */
  keepWritten(key: string): Promise<void>;
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
}

/** The unlocking of a store. Asks for the passphrase on first use. */
export function fileUnlock(
  deps: OldReadingDeps,
  store: FileStore,
  { passphrase: source, mayPrompt, cache }: UnlockOptions,
): FileUnlock {
  const keeper = new PassphraseKeeper(deps, { folder: store.folder, source, mayPrompt });
  return new StoreUnlock(deps, store, keeper, cache);
}

class StoreUnlock implements FileUnlock {
  readonly #deps: OldReadingDeps;
  readonly #store: FileStore;
  readonly #keeper: PassphraseKeeper;
  readonly #keks = new KekMemory();
  readonly #cache: KekCache | undefined;
  #isSaid = false;

  constructor(
    deps: OldReadingDeps,
    store: FileStore,
    keeper: PassphraseKeeper,
    cache: KekCache | undefined,
  ) {
    this.#deps = deps;
    this.#store = store;
    this.#keeper = keeper;
    this.#cache = cache;
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
        if (await this.#fitsStore(passphrase) === "fits") throw otherPassphrase(item);
        if (!await this.#sealOldReadings(passphrase)) await this.#requireRetry(passphrase);
        item = this.#store.read(item.key) ?? item;
      }
    }
  }

  async passphraseForWriting(): Promise<Secret> {
    while (true) {
      const isNew = this.#store.isEmpty();
      const passphrase = await (isNew ? this.#keeper.firstPassphrase() : this.#keeper.passphrase());
      if (await this.#fitsStore(passphrase) !== "wrong") return passphrase.secret;
      if (!await this.#sealOldReadings(passphrase)) await this.#requireRetry(passphrase);
    }
  }

  async requireFit(): Promise<void> {
    const passphrase = await this.#keeper.passphrase();
    if (await this.#fitsStore(passphrase) === "wrong") throw this.#isWrong(passphrase);
  }

  async keepWritten(key: string): Promise<void> {
    const item = this.#cache && this.#store.read(key);
    if (item === undefined) return;
    const passphrase = await this.#keeper.passphrase();
    if (!isFree(passphrase)) await this.#keep(item, passphrase);
  }

  async keepUnlocked(key: string): Promise<boolean> {
    const item = this.#cache && unlessUnreadable(() => this.#store.read(key));
    return item !== undefined && await this.#keep(item, await this.#keeper.passphrase());
  }

  /** Damaged items show nothing about a passphrase; one item that opens shows that it fits. */
  async #fitsStore(passphrase: Passphrase): Promise<"fits" | "wrong" | "unknown"> {
    let tried = 0;
    for (const item of this.#store.texts()) {
      try {
        await openText(item, (salt, rounds) => this.#keks.kek(passphrase, salt, rounds));
        return "fits";
      } catch (error) {
        if (isWrongKey(error) && ++tried === MOST_TRIED) break;
      }
    }
    return tried === 0 ? "unknown" : "wrong";
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
    await Promise.all([item, ...others].map((one) => one && this.#keep(one, passphrase)));
  }

  /**
   * Keeps the key of an item after it opened. For another passphrase or a damaged item, nothing is
   * kept.
   */
  async #keep(item: StoredText, passphrase: Passphrase): Promise<boolean> {
    const cache = this.#cache;
    if (cache === undefined) return false;
    const opened = await tryToOpen(item, (...of) => this.#keks.kek(passphrase, ...of));
    if (opened === undefined) return false;
    if (item.key === DATA_KEY_NAME) return await cache.keepOpened(item.text, opened.text);
    if (opened.key === undefined) return false;
    const isKept = await cache.keep(...opened.key);
    if (!isKept && passphrase.typed) await this.#sayWhyNot(cache);
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

/** An item that cannot be read is skipped: the command that asks for it reports it. */
function unlessUnreadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

function wrongPassphrase(folder: string, passphrase: Passphrase): VaultError {
  return new VaultError(
    "wrong-passphrase",
    `Cannot unlock the file store ${quote(folder)}: the passphrase is wrong`,
    { hints: passphrase.typed ? [] : [`It was not typed: check ${passphrase.from}`] },
  );
}

function otherPassphrase(item: StoredText): VaultError {
  return new VaultError(
    "wrong-passphrase",
    `Cannot read ${quote(item.key)}: the passphrase of the other items does not open its file ` +
      quote(item.path),
    { hints: ["It was stored with another passphrase, or is damaged; it was left in place"] },
  );
}
