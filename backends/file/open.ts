/** Opening an item's text: with a key that is given, or with one that an earlier process left. */

import { VaultError } from "../../src/errors.ts";
import { quote } from "../../src/text.ts";
import { JweFailure, type KekSource, openJwe, publicNameOf } from "./jwe.ts";
import type { KekCache } from "./kek_cache.ts";
import type { StoredText } from "./store.ts";

/** The text of an item that an earlier process has unlocked, or `undefined`: then a passphrase is needed. */
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
    // A key that does not fit belongs to another store, or somebody's who can write to the session keyring.
    if (error === isLocked || isWrongKey(error)) return undefined;
    throw error;
  }
}

/** Decrypts an item's text; throws `damaged-item`, and `JweFailure` where the key is a wrong one. */
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

/** What an item says of itself in the clear; throws `damaged-item` for what nothing opens. */
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

/** Whether a text did not open because the key is another's. */
export function isWrongKey(error: unknown): boolean {
  return error instanceof JweFailure && error.kind === "wrong-key";
}
