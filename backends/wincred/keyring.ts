/**
 * Long-term keys in the Windows Credential Manager: generic credentials whose blob is the credential
 * itself, as the other tool writes them (contracts 12).
 *
 * Every process of the user can read them, and Windows asks nobody (pains S6): it keeps them from other
 * users and from whoever takes the disk. Nor can they be listed without handing the blobs over; `has` and
 * `keys` do not look at them.
 */

import { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";
import {
  type CredentialStore,
  type ListedCredential,
  NativeFailure,
  type StoredCredential,
} from "../../src/native.ts";
import { quote } from "../../src/text.ts";
import { wincredFailed } from "./failure.ts";
import {
  ENCODED_PREFIX,
  encodedName,
  keyOfName,
  partsPrefix,
  PLAIN_PREFIX,
  plainName,
} from "./names.ts";
import {
  decodeHeader,
  encodeHeader,
  fitsWhole,
  joinParts,
  type PartsHeader,
  splitParts,
} from "./parts.ts";

/** What this back end needs of the world. */
export type WincredHost = Pick<Host, "native" | "random" | "clock">;

/** How long the parts of somebody else's write that never ended are left alone. */
const ABANDONED_AFTER_MS = 10 * 60_000;
/** How often a reader begins again because a writer replaced what it was reading. */
const READ_TRIES = 5;

/** The keyring in the Credential Manager. Nothing is opened before the first use. */
export function openWincredKeyring(host: WincredHost): Keyring {
  return new WincredKeyring(host);
}

/** Why the Credential Manager cannot be used here, or `undefined` where it can. Quick and silent. */
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
    return this.#act("look for", "in", key, (store) => {
      return Promise.resolve(nameInUse(store, key) !== undefined);
    });
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#act("read", "from", key, async (store) => {
      let seen: string | undefined;
      for (let tries = 0; tries < READ_TRIES; tries++) {
        const stored = readItem(store, key);
        if (stored === undefined) return undefined;
        const header = decodeHeader(stored.blob);
        if (header === undefined) return stored.blob;
        if (header === "damaged") throw damaged(key, "it does not say what its parts are");
        const data = readParts(store, await partsPrefix(key), header);
        if (data !== undefined) return data;
        if (seen === header.generation) break;
        seen = header.generation;
      }
      throw damaged(key, "parts of it are missing");
    });
  }

  set(key: string, item: KeyringItem): Promise<void> {
    return this.#act("store", "in", key, async (store) => {
      const old = readItem(store, key);
      const name = freeName(store, key);
      const parts = fitsWhole(item.data) ? undefined : this.#newParts(item.data);
      if (parts !== undefined) await writeParts(store, key, parts.header, item.data);
      const blob = parts === undefined ? item.data : encodeHeader(parts.header);
      store.write({ targetName: name, blob });
      if (old !== undefined && old.targetName !== name) store.delete(old.targetName);
      await this.#removeParts(store, key, headerOf(old), parts?.header.generation);
    });
  }

  remove(key: string): Promise<boolean> {
    return this.#act("remove", "from", key, async (store) => {
      let removed = false;
      // The one that `get` would not look at first, so that it does not come back.
      for (let name = lastName(store, key); name !== undefined; name = lastName(store, key)) {
        const old = store.read(name);
        removed = store.delete(name) || removed;
        await this.#removeParts(store, key, headerOf(old), undefined);
      }
      if (!removed) await this.#removeParts(store, key, undefined, undefined);
      return removed;
    });
  }

  keys(): Promise<string[]> {
    return this.#act("list the keys in", "", undefined, (store) => {
      const names = [...store.list(PLAIN_PREFIX), ...store.list(ENCODED_PREFIX)];
      const keys = names.map(({ targetName }) => keyOfName(targetName));
      return Promise.resolve([...new Set(keys.filter((key) => key !== undefined))]);
    });
  }

  close(): void {}

  #newParts(data: Uint8Array): { header: PartsHeader } {
    const generation = this.#host.random.bytes(8).toHex();
    return { header: { generation, count: splitParts(data).length, size: data.length } };
  }

  /**
   * Removes the parts of the header that is gone, and those that a killed process left behind. Parts of
   * others that are young may belong to a write that goes on.
   */
  async #removeParts(
    store: CredentialStore,
    key: string,
    gone: PartsHeader | undefined,
    kept: string | undefined,
  ): Promise<void> {
    const prefix = await partsPrefix(key);
    const now = this.#host.clock.now();
    for (const { targetName, lastWritten } of listParts(store, prefix, gone !== undefined)) {
      const generation = targetName.slice(prefix.length).split(":")[0];
      const ageMs = now.since(lastWritten).total("milliseconds");
      if (generation === kept) continue;
      if (generation === gone?.generation || ageMs > ABANDONED_AFTER_MS) store.delete(targetName);
    }
  }

  async #act<T>(
    verb: string,
    preposition: string,
    key: string | undefined,
    act: (store: CredentialStore) => Promise<T>,
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
      return await act(store);
    } catch (error) {
      if (error instanceof NativeFailure) throw wincredFailed(doing, error);
      throw error;
    }
  }
}

/** The name under which a key is stored: the plain one counts, where it is in the key's own case. */
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

/** In one call where the key has the plain name, as nearly all have. */
function readItem(store: CredentialStore, key: string): StoredCredential | undefined {
  const plain = plainName(key);
  const stored = store.read(plain);
  return stored?.targetName === plain ? stored : store.read(encodedName(key));
}

/** What was asked for is done by now: only parts that are known to be there are worth a failure. */
function listParts(store: CredentialStore, prefix: string, areThere: boolean): ListedCredential[] {
  try {
    return store.list(prefix);
  } catch (error) {
    if (areThere || !(error instanceof NativeFailure)) throw error;
    return [];
  }
}

async function writeParts(
  store: CredentialStore,
  key: string,
  header: PartsHeader,
  data: Uint8Array,
): Promise<void> {
  const prefix = await partsPrefix(key);
  for (const [index, blob] of splitParts(data).entries()) {
    store.write({ targetName: `${prefix}${header.generation}:${index}`, blob });
  }
}

function readParts(
  store: CredentialStore,
  prefix: string,
  header: PartsHeader,
): Uint8Array<ArrayBuffer> | undefined {
  const parts: Uint8Array[] = [];
  for (let index = 0; index < header.count; index++) {
    const part = store.read(`${prefix}${header.generation}:${index}`);
    if (part === undefined) return undefined;
    parts.push(part.blob);
  }
  return joinParts(header, parts);
}

function headerOf(stored: StoredCredential | undefined): PartsHeader | undefined {
  const header = stored && decodeHeader(stored.blob);
  return header === "damaged" ? undefined : header;
}

function damaged(key: string, reason: string): VaultError {
  return new VaultError(
    "damaged-item",
    `Cannot read ${quote(key)}: its Windows credential is damaged: ${reason}`,
    { hints: ["It was left in place; restore it, or store the key again"] },
  );
}
