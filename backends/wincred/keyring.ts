/**
 * Long-term keys in the Windows Credential Manager: generic credentials whose blob is the credential
 * itself (docs/formats.md, "Windows Credential Manager").
 *
 * Every process of the user can read them, and Windows asks nobody
 * (https://github.com/ByteNess/aws-vault/issues/367): it protects them from other users and from
 * anyone who takes the disk. They cannot be listed without returning the blobs, too; `has` and
 * `keys` do not look at the blobs.
 */

import { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";
import { type CredentialStore, NativeFailure, type StoredCredential } from "../../src/native.ts";
import { quote } from "../../src/text.ts";
import { tooLong, wincredFailed } from "./failure.ts";
import {
  ENCODED_PREFIX,
  encodedName,
  keyOfName,
  LARGEST_BLOB,
  PLAIN_PREFIX,
  plainName,
} from "./names.ts";

/** What this back end needs of the world. */
export type WincredHost = Pick<Host, "native">;

/** The keyring in the Credential Manager. Nothing is opened before the first use. */
export function openWincredKeyring(host: WincredHost): Keyring {
  return new WincredKeyring(host);
}

/** Why the Credential Manager cannot be used here, or `undefined` if it can. Fast and silent. */
export async function probeWincred(
  host: Pick<Host, "native">,
): Promise<string | undefined> {
  const store = await host.native.credentialStore();
  if (store === undefined) return NOT_HERE;
  try {
    store.find(PLAIN_PREFIX);
    return undefined;
  } catch (error) {
    if (error instanceof NativeFailure) return error.message;
    throw error;
  }
}

const NOT_HERE = "the library advapi32.dll is not on this machine";

class WincredKeyring implements Keyring {
  readonly backend = "wincred";
  readonly location = "Windows Credential Manager";
  readonly #host: WincredHost;

  constructor(host: WincredHost) {
    this.#host = host;
  }

  has(key: string): Promise<boolean> {
    return this.#act("look for", "in", key, (store) => nameInUse(store, key) !== undefined);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#act("read", "from", key, (store) => readItem(store, key)?.blob);
  }

  set(key: string, { data }: KeyringItem): Promise<void> {
    return this.#act("store", "in", key, (store) => {
      if (data.length > LARGEST_BLOB) throw tooLong(key, data.length);
      const old = nameInUse(store, key);
      const name = freeName(store, key);
      store.write({ targetName: name, blob: data });
      if (old !== undefined && old !== name) store.delete(old);
    });
  }

  remove(key: string): Promise<boolean> {
    return this.#act("remove", "from", key, (store) => {
      let removed = false;
      // First the one that `get` would look at last, so that the key does not reappear.
      for (let name = lastName(store, key); name !== undefined; name = lastName(store, key)) {
        removed = store.delete(name) || removed;
      }
      return removed;
    });
  }

  keys(): Promise<string[]> {
    return this.#act("list the keys in", "", undefined, (store) => {
      const names = [...store.list(PLAIN_PREFIX), ...store.list(ENCODED_PREFIX)];
      return [...new Set(names.map(keyOfName).filter((key) => key !== undefined))];
    });
  }

  close(): void {}

  async #act<T>(
    verb: string,
    preposition: string,
    key: string | undefined,
    act: (store: CredentialStore) => T,
  ): Promise<T> {
    const doing = key === undefined ? verb : `${verb} ${quote(key)} ${preposition}`;
    const store = await this.#host.native.credentialStore();
    if (store === undefined) {
      throw new VaultError(
        "keyring-unavailable",
        `Cannot ${doing} the Windows Credential Manager: ${NOT_HERE}`,
      );
    }
    try {
      return act(store);
    } catch (error) {
      if (error instanceof NativeFailure) throw wincredFailed(doing, error);
      throw error;
    }
  }
}

/** The name under which a key is stored: the plain one counts if it is in the key's own case. */
function nameInUse(store: CredentialStore, key: string): string | undefined {
  const plain = plainName(key);
  return store.find(plain) === plain ? plain : store.find(encodedName(key));
}

/** Like {@linkcode nameInUse}, but the encoded name counts first. */
function lastName(store: CredentialStore, key: string): string | undefined {
  return store.find(encodedName(key)) ?? nameInUse(store, key);
}

/** The name to store a key under: the plain one unless a key in another case has it. */
function freeName(store: CredentialStore, key: string): string {
  const plain = plainName(key);
  const found = store.find(plain);
  return found === undefined || found === plain ? plain : encodedName(key);
}

/** Needs one call if the key has the plain name, as nearly all keys do. */
function readItem(store: CredentialStore, key: string): StoredCredential | undefined {
  const plain = plainName(key);
  const stored = store.read(plain);
  return stored?.targetName === plain ? stored : store.read(encodedName(key));
}
