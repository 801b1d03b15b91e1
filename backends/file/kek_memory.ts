import { deriveKek } from "./jwe.ts";
import type { Passphrase } from "./passphrase_source.ts";

/** The key-encryption keys of this process, so that no item pays for its rounds twice. */
export class KekMemory {
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
