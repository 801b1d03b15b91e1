/** Opens an item's text: with a given key, or with one that an earlier process left. */

import { VaultError } from "../../src/errors.ts";
import { quote } from "../../src/text.ts";
import { JweFailure, type KekSource, openJwe, publicNameOf } from "./jwe.ts";
import type { KekCache } from "./kek_cache.ts";
import type { StoredText } from "./store.ts";

/** The text of an item that an earlier process unlocked; `undefined` if a passphrase is needed. */
export async function openUnlocked(
  item: StoredText,
  cache: KekCache,
): Promise<string | undefined> {
  const isLocked = new Error("locked");
  try {
    return await openText(item, async (salt, rounds) => {
      const kek = await cache.find(salt, rounds);
      if (kek === undefined) throw isLocked;
      return kek;
    });
  } catch (error) {
    // A wrong key belongs to another store, or to somebody who can write to the session keyring.
    if (error === isLocked || isWrongKey(error)) return undefined;
    throw error;
  }
}

/** Decrypts an item's text. Throws `damaged-item`, and `JweFailure` for a wrong key. */
export async function openText(
  item: StoredText,
  kekSource: KekSource,
): Promise<string> {
  try {
    return new TextDecoder().decode(await openJwe(item.text, kekSource));
  } catch (cause) {
    if (!(cause instanceof JweFailure) || cause.kind === "wrong-key") throw cause;
    throw damaged(item, cause);
  }
}

/**
 * What an item shows unencrypted about itself. Throws `damaged-item` for a text that nothing opens.
 */
export function publicNameOfItem(item: StoredText): string | undefined {
  try {
    return publicNameOf(item.text);
  } catch (cause) {
    if (!(cause instanceof JweFailure)) throw cause;
    throw damaged(item, cause);
  }
}

function damaged({ key, path }: StoredText, cause: JweFailure): VaultError {
  return new VaultError(
    "damaged-item",
    `Cannot read ${quote(key)}: its file ${quote(path)} is damaged: ${cause.message}`,
    { cause, hints: ["It was left in place; restore it, or store the key again"] },
  );
}

/** Whether a text did not open because the key is a wrong one. */
export function isWrongKey(error: unknown): boolean {
  return error instanceof JweFailure && error.kind === "wrong-key";
}
