/** The encrypted-file back end: one JWE file a key, as the other aws-vault writes them (contracts 12). */

import { VaultError } from "../../src/errors.ts";
import type { Host, Platform } from "../../src/host.ts";
import { DATA_KEY_NAME, type Keyring, type KeyringItem } from "../../src/keyring.ts";
import type { Native } from "../../src/native.ts";
import type { Talk } from "../../src/talk.ts";
import { quote } from "../../src/text.ts";
import { kekCache } from "./kek_cache.ts";
import type { PassphraseSource } from "./passphrase_source.ts";
import { fileStore, type StoredText } from "./store.ts";
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

/** Where a file store is, and how its passphrase may be had. */
export interface FileKeyringOptions {
  /** From {@linkcode resolveFileFolder}. */
  readonly folder: string;
  readonly passphrase: PassphraseSource;
  /** Whether a person may be asked. */
  readonly mayPrompt: boolean;
  /** How long what was unlocked stays so in this login session, in seconds; 0 or absent: not at all. */
  readonly unlockSeconds?: number | undefined;
}

/**
 * The folder of the file store, without a slash at its end; a `~` at its start is the home folder.
 * Throws `bad-usage` where that is unknown.
 */
export function resolveFileFolder(platform: Platform, folder: string): string {
  const separators = platform.os === "windows" ? /[\\/]+$/ : /\/+$/;
  return expandHome(folder, platform).replace(separators, "") || "/";
}

function expandHome(folder: string, platform: Platform): string {
  if (!/^~($|\/)/.test(folder) && !(platform.os === "windows" && folder.startsWith("~\\"))) {
    return folder;
  }
  if (platform.home !== undefined) return platform.home + folder.slice(1);
  throw new VaultError(
    "bad-usage",
    `Cannot find the file store ${quote(folder)}: the home folder is unknown`,
    {
      hints: ["Set HOME, or set AWS_VAULT_FILE_DIR to a whole path"],
    },
  );
}

/** Opens the file store; nothing is read, asked or made before the first use. */
export function openFileKeyring(deps: FileKeyringDeps, options: FileKeyringOptions): Keyring {
  const store = fileStore(deps.files, options.folder, deps.platform.os);
  const cache = kekCache(deps.native, options.unlockSeconds ?? 0);
  const isReady = isPassphraseReady(deps, options.passphrase);
  // What asks and what writes is loaded when it is needed: a cached call of an unlocked store is not.
  let unlocking: Promise<FileUnlock> | undefined;
  const unlock = () =>
    unlocking ??= import("./unlock.ts").then(({ fileUnlock }) =>
      fileUnlock(deps, store, { ...options, cache })
    );
  return {
    backend: "file",
    location: options.folder,
    // deno-lint-ignore require-await -- what is thrown here belongs into the promise
    has: async (key) => store.has(key),
    get: readItem,
    set: writeItem,
    remove: removeItem,
    // deno-lint-ignore require-await -- as above
    keys: async () => store.keys(),
    close: () => {},
  };

  async function readItem(key: string): Promise<Uint8Array | undefined> {
    const item = store.read(key);
    if (item === undefined) return undefined;
    const text = await findUnlocked(item) ?? await openAsking(item);
    return decodeItem(text, key, `its file ${quote(item.path)}`);
  }

  /** With the passphrase; only then the unlock's time begins, and not with every use. */
  async function openAsking(item: StoredText): Promise<string> {
    const text = await (await unlock()).open(item);
    if (item.key === DATA_KEY_NAME) await cache?.keepOpened(item.text, text);
    return text;
  }

  /** The item's text where it needs no passphrase, because an earlier process had it. */
  async function findUnlocked(item: StoredText): Promise<string | undefined> {
    if (cache === undefined || isReady) return undefined;
    const opened = item.key === DATA_KEY_NAME ? await cache.findOpened(item.text) : undefined;
    if (opened !== undefined) return opened;
    const { openUnlocked } = await import("./open.ts");
    return await openUnlocked(item, cache);
  }

  async function writeItem(key: string, item: KeyringItem): Promise<void> {
    store.pathOf(key);
    // Asks, if it must, before others are made to wait.
    const unlocked = await unlock();
    const passphrase = await unlocked.passphraseForWriting();
    const { whileWriting } = await import("./lock.ts");
    const { sealJwe } = await import("./jwe.ts");
    await whileWriting(deps, store, async () => {
      // Another process may have stored the first item, or changed the passphrase, in the meantime.
      await unlocked.requireFit();
      const payload = encodeItem(key, item);
      store.write(key, await sealJwe(payload, passphrase.reveal(), deps.clock.now()));
    });
    await unlocked.keepUnlocked(key);
  }

  async function removeItem(key: string): Promise<boolean> {
    if (!store.has(key)) return false;
    const { whileWriting } = await import("./lock.ts");
    return await whileWriting(deps, store, () => store.remove(key));
  }
}
