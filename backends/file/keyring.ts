/** The encrypted-file back end: one JWE file per key (docs/formats.md, "File store"). */

import { hasCode, VaultError } from "../../src/errors.ts";
import type { Host, Platform } from "../../src/host.ts";
import { DATA_KEY_NAME, type Keyring, type KeyringItem } from "../../src/keyring.ts";
import type { Native } from "../../src/native.ts";
import { expandPath } from "../../src/state_folder.ts";
import type { Talk } from "../../src/talk.ts";
import { quote } from "../../src/text.ts";
import type { SealingKey } from "./jwe.ts";
import { type KekCache, kekCache } from "./kek_cache.ts";
import type { PassphraseSource } from "./passphrase_source.ts";
import { type FileStore, fileStore, type StoredText } from "./store.ts";
import { isPassphraseReady } from "./passphrase_ready.ts";
import type { FileUnlock } from "./unlock.ts";
import { decodeItem, encodeItem } from "../item.ts";

/** What the file back end touches. */
export type FileKeyringDeps =
  & Pick<
    Host,
    "files" | "random" | "env" | "terminal" | "programs" | "clock" | "platform"
  >
  & { readonly talk: Talk; readonly native?: Pick<Native, "kernelKeys"> };

/** Where a file store is, and where its passphrase comes from. */
export interface FileKeyringOptions {
  /** From {@linkcode resolveFileFolder}. */
  readonly folder: string;
  readonly passphrase: PassphraseSource;
  /** Whether a person may be asked. */
  readonly mayPrompt: boolean;
  /**
   * How long an unlocked item stays unlocked in this login session, in seconds; 0 or absent: not at
   * all.
   */
  readonly unlockSeconds?: number | undefined;
}

/**
 * The folder of the file store, without a trailing slash; a leading `~` is the home folder. Throws
 * `bad-usage` if the home folder is unknown.
 */
export function resolveFileFolder(platform: Platform, folder: string): string {
  const path = expandPath(folder, platform);
  if (path !== undefined) return path.replace(/\/+$/, "") || "/";
  throw new VaultError(
    "bad-usage",
    `Cannot find the file store ${quote(folder)}: the home folder is unknown`,
    {
      hints: ["Set HOME, or set AWS_VAULT_FILE_DIR to an absolute path"],
    },
  );
}

/** Opens the file store. Nothing is read, asked or created before the first use. */
export function openFileKeyring(deps: FileKeyringDeps, options: FileKeyringOptions): Keyring {
  return new FileKeyring(deps, options);
}

/**
 * The code that asks and writes is loaded on demand: a cached call of an unlocked store never needs
 * it.
 */
class FileKeyring implements Keyring {
  readonly backend = "file";
  readonly standIn = "the encrypted file store";
  readonly location: string;
  readonly #deps: FileKeyringDeps;
  readonly #options: FileKeyringOptions;
  readonly #store: FileStore;
  readonly #cache: KekCache | undefined;
  readonly #isReady: boolean;
  #unlocking: Promise<FileUnlock> | undefined;

  constructor(deps: FileKeyringDeps, options: FileKeyringOptions) {
    this.location = options.folder;
    this.#deps = deps;
    this.#options = options;
    this.#store = fileStore(deps.files, options.folder, deps.platform.os);
    this.#cache = kekCache(deps, { seconds: options.unlockSeconds ?? 0 });
    this.#isReady = isPassphraseReady(deps, options.passphrase);
  }

  // deno-lint-ignore require-await -- what is thrown here belongs into the promise
  async has(key: string): Promise<boolean> {
    return this.#store.has(key);
  }

  // deno-lint-ignore require-await -- as above
  async keys(): Promise<string[]> {
    return this.#store.keys();
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const item = this.#store.read(key);
    if (item === undefined) return undefined;
    return await this.#findUnlocked(item) ?? await this.#openAsking(item);
  }

  async hasPublicName(key: string, publicName: string): Promise<boolean | undefined> {
    const item = this.#store.read(key);
    if (item === undefined) return false;
    const { publicNameOfItem } = await import("./open.ts");
    const shown = publicNameOfItem(item);
    return shown === undefined ? undefined : shown === publicName;
  }

  async set(key: string, item: KeyringItem): Promise<void> {
    this.#store.pathOf(key);
    const unlocked = await this.#unlock();
    const isWritten = item.standsAlone && await unlocked.mayHaveNextKey(key) &&
      await this.#write(key, item, unlocked, () => unlocked.takeNextKey(key));
    if (isWritten) return;
    // Asks, if it must, before it makes others wait.
    await unlocked.obtainForWriting();
    // Another process may have stored the first item, or changed the passphrase, in the meantime.
    await this.#write(key, item, unlocked, () => unlocked.sealingKey());
  }

  /** Writes an item with the key that `obtain` gives under the store's lock; false if it gives none. */
  async #write(
    key: string,
    item: KeyringItem,
    unlocked: FileUnlock,
    obtain: () => Promise<SealingKey | undefined>,
  ): Promise<boolean> {
    const { clock, random } = this.#deps;
    const { whileWriting } = await import("./lock.ts");
    const { sealJwe } = await import("./jwe.ts");
    const used = await whileWriting(this.#deps, this.location, async () => {
      const sealingKey = await obtain();
      if (sealingKey === undefined) return undefined;
      const facts = { created: clock.now(), publicName: item.publicName };
      const text = await sealJwe(random, encodeItem(key, item), sealingKey, facts);
      await unlocked.keepSealed({ key, path: this.#store.pathOf(key), text }, sealingKey);
      this.#store.write(key, text);
      return sealingKey;
    });
    if (used === undefined) return false;
    await unlocked.leaveNextKeys(used);
    return true;
  }

  async remove(key: string): Promise<boolean> {
    if (!this.#store.holds(key)) return false;
    const { whileWriting } = await import("./lock.ts");
    return await whileWriting(this.#deps, this.location, () => this.#store.remove(key));
  }

  close(): void {}

  #unlock(): Promise<FileUnlock> {
    return this.#unlocking ??= import("./unlock.ts").then(({ fileUnlock }) =>
      fileUnlock(this.#deps, this.#store, { ...this.#options, cache: this.#cache })
    );
  }

  /** Opens an item with the passphrase. Only this starts the unlock's time, not every use. */
  async #openAsking(item: StoredText): Promise<Uint8Array> {
    return decode(item, await (await this.#unlock()).open(item));
  }

  /** The item's data if an earlier process unlocked it, so that no passphrase is needed. */
  async #findUnlocked(item: StoredText): Promise<Uint8Array | undefined> {
    const cache = this.#cache;
    if (cache === undefined || this.#isReady) return undefined;
    if (item.key === DATA_KEY_NAME) return decodeResting(item, await cache.findOpened(item.text));
    const { openUnlocked } = await import("./open.ts");
    const text = await openUnlocked(item, cache);
    return text === undefined ? undefined : decode(item, text);
  }
}

function decode(item: StoredText, text: string): Uint8Array {
  return decodeItem(text, item.key, `its file ${quote(item.path)}`);
}

/**
 * An unlocked key was put there by us or by another program of the login session, so it does not
 * prove that an item is damaged.
 */
function decodeResting(item: StoredText, text: string | undefined): Uint8Array | undefined {
  try {
    return text === undefined ? undefined : decode(item, text);
  } catch (error) {
    if (hasCode(error, "damaged-item")) return undefined;
    throw error;
  }
}
