import { VaultError } from "../../src/errors.ts";
import { quote } from "../../src/text.ts";
import type { Passphrase } from "./passphrase_source.ts";
import type { StoredText } from "./store.ts";

/** A passphrase that opens nothing of a store. */
export function wrongPassphrase(folder: string, passphrase: Passphrase): VaultError {
  return new VaultError(
    "wrong-passphrase",
    `Cannot unlock the file store ${quote(folder)}: the passphrase is wrong`,
    { hints: passphrase.typed ? [] : [`It was not typed: check ${passphrase.from}`] },
  );
}

/** A passphrase that opens other items of the store, and not this one. */
export function otherPassphrase(item: StoredText): VaultError {
  return new VaultError(
    "wrong-passphrase",
    `Cannot read ${quote(item.key)}: the passphrase of the other items does not open its file ` +
      quote(item.path),
    { hints: ["It was stored with another passphrase, or is damaged; it was left in place"] },
  );
}
