import { VaultError } from "../../src/errors.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";

/** A keyring in memory that counts its reads, and can be locked. */
export class MemoryKeyring implements Keyring {
  readonly backend = "memory";
  location = "memory";
  readonly items = new Map<string, KeyringItem>();
  /** The keys that `get` was asked for, in order. */
  readonly reads: string[] = [];
  /** While true, `get` and `set` throw `keyring-locked`. */
  locked = false;

  has(key: string): Promise<boolean> {
    return Promise.resolve(this.items.has(key));
  }

  // deno-lint-ignore require-await -- throws as a rejection, as a real keyring does
  async get(key: string): Promise<Uint8Array | undefined> {
    this.reads.push(key);
    this.#refuseWhenLocked();
    return this.items.get(key)?.data.slice();
  }

  // deno-lint-ignore require-await -- throws as a rejection, as a real keyring does
  async set(key: string, { standsAlone: _, ...item }: KeyringItem): Promise<void> {
    this.#refuseWhenLocked();
    this.items.set(key, { ...item, data: item.data.slice() });
  }

  remove(key: string): Promise<boolean> {
    return Promise.resolve(this.items.delete(key));
  }

  keys(): Promise<string[]> {
    return Promise.resolve([...this.items.keys()]);
  }

  close(): void {}

  #refuseWhenLocked(): void {
    if (this.locked) throw new VaultError("keyring-locked", "The keyring is locked");
  }
}
