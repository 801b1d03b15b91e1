import { VaultError } from "../../src/errors.ts";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import type { Secret } from "../../src/secret.ts";
import { quote } from "../../src/text.ts";
import { deriveKek } from "./jwe.ts";
import type { KekCache } from "./kek_cache.ts";
import { isWrongKey, openText } from "./open.ts";
import { PassphraseKeeper } from "./passphrase.ts";
import {
  type Passphrase,
  PASSPHRASE_VARIABLE,
  type PassphraseDeps,
  type PassphraseSource,
} from "./passphrase_source.ts";
import type { FileStore, StoredText } from "./store.ts";

/** On how many items a passphrase is tried before it counts as wrong for the whole store. */
const MOST_TRIED = 4;

/** Opens the items of one store with one passphrase, asked for at most once (but for typing errors). */
export interface FileUnlock {
  /**
   * Decrypts an item's text. Throws `wrong-passphrase`, or `damaged-item` with the file's path; the
   * file stays as it is.
   */
  open(item: StoredText): Promise<string>;
  /**
   * The passphrase to write with: one that opens what is stored, so that the store keeps to one
   * passphrase; where nothing is stored yet a new one, typed twice.
   */
  passphraseForWriting(): Promise<Secret>;
  /** Throws `wrong-passphrase` when the passphrase does not (or no longer) open what is stored. */
  requireFit(): Promise<void>;
  /** Lets an item that was just written stay unlocked like those that were read. */
  keepWritten(key: string): Promise<void>;
  /** Lets an item stay unlocked, and says whether it does; for who has had the passphrase tried before. */
  keepUnlocked(key: string): Promise<boolean>;
}

/** The unlocking of a store; the passphrase is asked for on first use. */
export function fileUnlock(
  deps: PassphraseDeps,
  store: FileStore,
  options: {
    readonly passphrase: PassphraseSource;
    readonly mayPrompt: boolean;
    /** What an earlier process has unlocked; none: each asks. */
    readonly cache?: KekCache | undefined;
  },
): FileUnlock {
  const keeper = new PassphraseKeeper(deps, {
    folder: store.folder,
    source: options.passphrase,
    mayPrompt: options.mayPrompt,
  });
  const keks = new KekMemory();
  const { cache } = options;

  async function open(item: StoredText): Promise<string> {
    while (true) {
      let passphrase: Passphrase | undefined;
      try {
        // Asked for only once the text has turned out to be one that a passphrase opens.
        const text = await openText(item, async (salt, rounds) => {
          passphrase = await keeper.passphrase();
          return await keks.kek(passphrase, salt, rounds);
        });
        if (passphrase) await keepUsed(item, passphrase);
        return text;
      } catch (error) {
        if (!isWrongKey(error) || !passphrase) throw error;
        if (await fitsStore(passphrase) === "fits") throw otherPassphrase(item);
        if (!await keeper.mayRetry(passphrase)) throw wrongPassphrase(store.folder, passphrase);
      }
    }
  }

  async function passphraseForWriting(): Promise<Secret> {
    while (true) {
      const isNew = firstOf(store.texts()) === undefined;
      const passphrase = isNew ? await keeper.firstPassphrase() : await keeper.passphrase();
      if (await fitsStore(passphrase) !== "wrong") return passphrase.secret;
      if (!await keeper.mayRetry(passphrase)) throw wrongPassphrase(store.folder, passphrase);
    }
  }

  async function requireFit(): Promise<void> {
    const passphrase = await keeper.passphrase();
    if (await fitsStore(passphrase) === "wrong") throw wrongPassphrase(store.folder, passphrase);
  }

  /** Damaged items say nothing about a passphrase; one that opens says that it fits. */
  async function fitsStore(passphrase: Passphrase): Promise<"fits" | "wrong" | "unknown"> {
    let tried = 0;
    for (const item of store.texts()) {
      try {
        await openText(item, (salt, rounds) => keks.kek(passphrase, salt, rounds));
        return "fits";
      } catch (error) {
        if (isWrongKey(error) && ++tried === MOST_TRIED) break;
      }
    }
    return tried === 0 ? "unknown" : "wrong";
  }

  /** The item that was used; and the data key, so that who was asked is not asked again by the next call. */
  async function keepUsed(item: StoredText, passphrase: Passphrase): Promise<void> {
    if (cache === undefined) return;
    const isUsed = item.key === DATA_KEY_NAME || isFree(passphrase);
    const others = isUsed ? [] : [unlessUnreadable(() => store.read(DATA_KEY_NAME))];
    await Promise.all([item, ...others].map((one) => one && keep(one, passphrase, cache)));
  }

  /** Keeps what opens an item once it has: of another passphrase, or of a damaged item, nothing is kept. */
  async function keep(item: StoredText, passphrase: Passphrase, to: KekCache): Promise<boolean> {
    let found: Parameters<KekCache["keep"]> | undefined;
    let text: string;
    try {
      text = await openText(item, async (salt, rounds) => {
        const kek = await keks.kek(passphrase, salt, rounds);
        found = [salt, rounds, kek];
        return kek;
      });
    } catch {
      return false;
    }
    if (item.key === DATA_KEY_NAME) return await to.keepOpened(item.text, text);
    return found !== undefined && await to.keep(...found);
  }

  async function keepWritten(key: string): Promise<void> {
    const item = cache && store.read(key);
    if (item === undefined || cache === undefined) return;
    const passphrase = await keeper.passphrase();
    if (!isFree(passphrase)) await keep(item, passphrase, cache);
  }

  async function keepUnlocked(key: string): Promise<boolean> {
    const item = unlessUnreadable(() => store.read(key));
    return item !== undefined && cache !== undefined &&
      await keep(item, await keeper.passphrase(), cache);
  }

  return { open, passphraseForWriting, requireFit, keepWritten, keepUnlocked };
}

/** The environment's costs nobody anything: what is unlocked by it may wait until it is read. */
function isFree(passphrase: Passphrase): boolean {
  return passphrase.from === PASSPHRASE_VARIABLE;
}

/** The key-encryption keys of this process, so that no item costs its rounds twice. */
class KekMemory {
  readonly #keks = new WeakMap<Passphrase, Map<string, Promise<CryptoKey>>>();

  kek(passphrase: Passphrase, salt: Uint8Array, rounds: number): Promise<CryptoKey> {
    const known = this.#keks.get(passphrase) ?? new Map<string, Promise<CryptoKey>>();
    this.#keks.set(passphrase, known);
    const id = `${rounds} ${salt.toHex()}`;
    const kek = known.get(id) ?? deriveKek(passphrase.secret.reveal(), salt, rounds);
    known.set(id, kek);
    return kek;
  }
}

/** One that cannot be read is skipped: the command that asks for it reports it. */
function unlessUnreadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

function firstOf<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}

function wrongPassphrase(folder: string, passphrase: Passphrase): VaultError {
  return new VaultError(
    "wrong-passphrase",
    `Cannot unlock the file store ${quote(folder)}: the passphrase is wrong`,
    { hints: passphrase.typed ? [] : [`It was not typed: look at ${passphrase.from}`] },
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
