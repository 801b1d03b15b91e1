/**
 * Keys for the next items: who typed the passphrase to store a key stores some more within a minute,
 * without typing it again.
 *
 * Without the passphrase, an item can only be sealed with a key that was derived before. The key of a
 * stored item must not be used again: the two would have one salt, and from then on each unlock of one
 * would open the other. So after a passphrase was typed, some salts are drawn that no item has, and
 * their keys are kept in the kernel's session keyring for a minute:
 *
 * - Such a key opens nothing that is stored. It seals one item, and is invalidated before that: then it
 *   is worth as much as the key of any item that was just written, which stays unlocked, too. Only the
 *   data key's item, which each stored key rewrites, is sealed with the same one again.
 * - All of a batch come from a passphrase that was right. It may have been changed since, or there may
 *   be another store: a batch serves only if the store has an item with a salt of the batch, which a
 *   change of the passphrase leaves nowhere (every sealing draws a new one). A change also ends those of
 *   its own session, since somebody may put an old file back.
 * - Only what stands alone is sealed with them, never a step of a rotation: they can run out between two
 *   of its steps, and a key would be created in AWS before somebody is asked.
 * - The passphrase is not kept, and the minute is the kernel's: nothing here renews it.
 * - The child of `exec` has another session keyring, and `lock` ends these keys with all others.
 * - Where others can join the session keyring, none are kept, and none are used: a child of `exec`
 *   could have put one there, and would open the item that it seals. A key that another user put there
 *   is not used either.
 */

import { DATA_KEY_NAME } from "../../src/keyring.ts";
import type { KernelKeys } from "../../src/native.ts";
import { importKek, SALT_BYTES, saltOf, type SealingKey, WRITTEN_ROUNDS } from "./jwe.ts";
import {
  isShared,
  keepInSession,
  KEK_BYTES,
  type KekCacheDeps,
  NEXT_KEY_PREFIX,
  unlessForbidden,
} from "./kek_cache.ts";
import type { FileStore } from "./store.ts";

/** How long they are kept at most, in seconds. */
const LIFETIME = 60;

/** For more keys than a person stores in a minute: each key takes one, and two if it replaces another. */
const OF_KEYS = ["1", "2", "3", "4", "5", "6"].map(describeFor);
const OF_DATA_KEY = describeFor("data-key");

/** The keys for the next items of one store. */
export class NextKeys {
  readonly #native: KekCacheDeps["native"];
  readonly #store: FileStore;
  readonly #seconds: number;

  /** `seconds`: how long what was used stays unlocked; 0 for not at all. */
  constructor(native: KekCacheDeps["native"], store: FileStore, seconds: number) {
    this.#native = native;
    this.#store = store;
    this.#seconds = Math.min(seconds, LIFETIME);
  }

  /** Whether there may be one for an item; {@linkcode take} finds out whether it is for this store. */
  async mayHave(item: string): Promise<boolean> {
    const kernel = await this.#kernel();
    return kernel !== undefined && searchAny(kernel, item) !== undefined;
  }

  /**
   * Takes the key that seals an item, or `undefined` if a passphrase is needed; for the holder of the
   * store's lock, so that no other process takes the same.
   */
  async take(item: string): Promise<SealingKey | undefined> {
    const kernel = await this.#kernel();
    const found = kernel && searchAny(kernel, item);
    const bytes = found && unlessForbidden(() => readOwn(kernel, found.serial));
    const parts = bytes && splitPayload(bytes);
    if (!kernel || !found || !parts || !this.#isFor(item, parts)) return undefined;
    const isTaken = found.description === OF_DATA_KEY ||
      unlessForbidden(() => kernel.invalidate(found.serial)) === true;
    if (!isTaken) return undefined;
    return { salt: parts.salt, rounds: WRITTEN_ROUNDS, kek: await importKek(parts.kek) };
  }

  /**
   * Leaves keys for the next items, after one was sealed with `used`; `derive` derives one with a new
   * salt from the same passphrase.
   */
  async leave(used: SealingKey, derive: () => Promise<SealingKey>): Promise<void> {
    const kernel = await this.#kernel();
    if (kernel === undefined) return;
    const descriptions = [OF_DATA_KEY, ...OF_KEYS];
    const keys = await Promise.all(descriptions.map(derive));
    const batch = [used, ...keys].map(({ salt }) => salt);
    for (const [index, key] of keys.entries()) {
      const payload = await joinPayload(key, batch);
      unlessForbidden(() => keepInSession(kernel, descriptions[index]!, payload, this.#seconds));
    }
  }

  /** Ends all that were left in this session, for any store. */
  async forget(): Promise<void> {
    const kernel = await this.#native?.kernelKeys();
    if (kernel === undefined) return;
    for (const description of [OF_DATA_KEY, ...OF_KEYS]) {
      unlessForbidden(() => {
        const serial = kernel.search(kernel.specialKeyring("session"), description);
        if (serial !== undefined) kernel.invalidate(serial);
      });
    }
  }

  async #kernel(): Promise<KernelKeys | undefined> {
    const kernel = this.#seconds > 0 ? await this.#native?.kernelKeys() : undefined;
    return kernel && unlessForbidden(() => isShared(kernel)) === false ? kernel : undefined;
  }

  /**
   * Whether the store's passphrase is still the one that the batch was derived from, and no other
   * item has this salt.
   */
  #isFor(item: string, { salt, batch }: Payload): boolean {
    const owners = new Map<string, string>();
    for (const { key, text } of this.#store.texts()) owners.set(saltOf(text)?.toHex() ?? "", key);
    const isFree = (owners.get(salt.toHex()) ?? item) === item;
    return isFree && batch.some((one) => owners.has(one.toHex()));
  }
}

/** Another number of rounds is another version's: a header with a wrong number could not be opened. */
function describeFor(what: string): string {
  return `${NEXT_KEY_PREFIX}${WRITTEN_ROUNDS}:${what}`;
}

function searchAny(kernel: KernelKeys, item: string) {
  return unlessForbidden(() => {
    const session = kernel.specialKeyring("session");
    for (const description of item === DATA_KEY_NAME ? [OF_DATA_KEY] : OF_KEYS) {
      const serial = kernel.search(session, description);
      if (serial !== undefined) return { description, serial };
    }
    return undefined;
  });
}

/** What a key holds, if it was made by the user whose session keyring this is. */
function readOwn(kernel: KernelKeys, serial: number): Uint8Array<ArrayBuffer> | undefined {
  const owner = kernel.describe(kernel.specialKeyring("session"))?.owner;
  const isOwn = owner !== undefined && kernel.describe(serial)?.owner === owner;
  return isOwn ? kernel.read(serial) : undefined;
}

/** What one key holds. */
interface Payload {
  readonly kek: Uint8Array<ArrayBuffer>;
  readonly salt: Uint8Array<ArrayBuffer>;
  /** The salts of all keys that were left together, and of the item that was stored then. */
  readonly batch: readonly Uint8Array[];
}

async function joinPayload(key: SealingKey, batch: readonly Uint8Array[]): Promise<Uint8Array> {
  const kek = new Uint8Array(await crypto.subtle.exportKey("raw", key.kek));
  const payload = new Uint8Array(KEK_BYTES + SALT_BYTES * (1 + batch.length));
  payload.set(kek);
  kek.fill(0);
  [key.salt, ...batch].forEach((salt, at) => payload.set(salt, KEK_BYTES + SALT_BYTES * at));
  return payload;
}

function splitPayload(bytes: Uint8Array<ArrayBuffer>): Payload | undefined {
  const salts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = KEK_BYTES; at < bytes.length; at += SALT_BYTES) {
    salts.push(bytes.slice(at, at + SALT_BYTES));
  }
  const [salt, ...batch] = salts;
  if (salt === undefined || salts.at(-1)?.length !== SALT_BYTES) return undefined;
  return { kek: bytes.slice(0, KEK_BYTES), salt, batch };
}
