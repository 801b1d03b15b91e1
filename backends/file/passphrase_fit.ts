/** Whether a passphrase is that of a store, by trying it on what is stored. */

import { VaultError } from "../../src/errors.ts";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import type { KekSource } from "./jwe.ts";
import { isWrongKey, openText } from "./open.ts";
import { type FileStore, looksLikeJwe, type StoredText } from "./store.ts";

/** How many items a passphrase is tried on before it counts as wrong for the whole store. */
const MOST_TRIED = 4;

/** `unknown`: the store has no item that shows it. */
export type Fit = "fits" | "wrong" | "unknown";

/**
 * Tries the keys of a passphrase. Damaged items show nothing about it; one item that opens shows that it
 * fits.
 */
export async function fitOf(store: FileStore, kekOf: KekSource): Promise<Fit> {
  let tried = 0;
  for (const item of samples(store)) {
    try {
      await openText(item, kekOf);
      return "fits";
    } catch (error) {
      if (isWrongKey(error) && ++tried === MOST_TRIED) break;
    }
  }
  return tried === 0 ? "unknown" : "wrong";
}

/**
 * The items to try a passphrase with, the data key first: this program made it, while anyone who can
 * write to a shared store may have added others.
 */
function* samples(store: FileStore): Iterable<StoredText> {
  const first = unlessUnreadable(() => store.read(DATA_KEY_NAME));
  if (first !== undefined && looksLikeJwe(first.text)) yield first;
  for (const item of store.texts()) if (item.key !== DATA_KEY_NAME) yield item;
}

/** An item that cannot be read is skipped: the command that asks for it reports it. */
export function unlessUnreadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
