import { hasCode, VaultError } from "./errors.ts";
import type { Keyring, KeyringItem } from "./keyring.ts";
import type { Talk } from "./talk.ts";
import { asClause, quote } from "./text.ts";

/** How often the item is written: what is read back may come from another process that wrote since. */
const ATTEMPTS = 3;

/**
 * Stores an item and reads it back before it counts as stored: a keystore can accept an item without
 * keeping it intact, as KWallet 6 does if its negotiated key differs from ours.
 *
 * Throws `keyring-failed` if something else comes back, and whatever reading throws. If reading needs a
 * person and nobody can be asked (`pass` while gpg is locked), a warning says that the item was not
 * read back.
 */
export async function setAndReadBack(
  keyring: Pick<Keyring, "backend" | "get">,
  set: Keyring["set"],
  talk: Pick<Talk, "warn">,
  key: string,
  item: KeyringItem,
): Promise<void> {
  let back = "nothing";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await set(key, item);
    const found = await readAgain(keyring, talk, key);
    if (found === "not read" || isEqual(found, item.data)) return;
    back = found === undefined ? "nothing" : "something else";
  }
  throw new VaultError(
    "keyring-failed",
    `Cannot store ${quote(key)}: ${keyring.backend} accepted it, but returns ${back}`,
    {
      hints: [
        "Keep the old key until it is stored: run the command again, or choose another keystore with --backend",
      ],
    },
  );
}

async function readAgain(
  keyring: Pick<Keyring, "get">,
  talk: Pick<Talk, "warn">,
  key: string,
): Promise<Uint8Array | undefined | "not read"> {
  try {
    return await keyring.get(key);
  } catch (error) {
    if (!hasCode(error, "keyring-locked", "needs-person")) throw error;
    talk.warn(`${quote(key)} is stored, but was not read back: ${asClause(error.message)}`);
    return "not read";
  }
}

function isEqual(found: Uint8Array | undefined, data: Uint8Array): boolean {
  return found?.length === data.length && found.every((byte, i) => byte === data[i]);
}
