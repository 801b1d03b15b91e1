import { type Backend, defineBackend } from "../../src/backend.ts";
import { VaultError } from "../../src/errors.ts";
import type { Files } from "../../src/files.ts";
import type { Keyring } from "../../src/keyring.ts";

/**
 * A keyring of one plain file an item: a store without passphrase rounds, whose writes are effects of
 * the host. Being a test's, it seals nothing.
 */
export function plainBackend(
  name: string,
  locked: LockedAfter = new LockedAfter(Infinity),
): Backend {
  return defineBackend({
    name,
    platforms: ["linux", "darwin", "windows"],
    isAutomatic: true,
    options: { dir: { kind: "text", variable: "AWS_VAULT_FILE_DIR", brief: "Its folder" } },
    probe: () => undefined,
    open: (host, { dir }) => new PlainKeyring(name, `${dir}/${name}`, host.files, locked),
  });
}

/** Two stores, so that keys can be moved from one to the other; the first is the usual one. */
export function plainBackends(locked = new LockedAfter(Infinity)): Backend[] {
  return [plainBackend("keyctl", locked), plainBackend("pass", locked)];
}

/** Locks the keyrings that share it once so many secrets were read or written. */
export class LockedAfter {
  #left: number;

  constructor(count: number) {
    this.#left = count;
  }

  /** Whether it was reached. */
  get isLocked(): boolean {
    return this.#left < 0;
  }

  pass(): void {
    if (--this.#left < 0) throw new VaultError("keyring-locked", "The keyring is locked");
  }
}

class PlainKeyring implements Keyring {
  readonly backend: string;
  readonly location: string;
  readonly #files: Files;
  readonly #locked: LockedAfter;

  constructor(backend: string, folder: string, files: Files, locked: LockedAfter) {
    this.backend = backend;
    this.location = folder;
    this.#files = files;
    this.#locked = locked;
  }

  has(key: string): Promise<boolean> {
    return Promise.resolve(this.#files.info(this.#path(key)) !== undefined);
  }

  // deno-lint-ignore require-await -- throws as a rejection, as a real keyring does
  async get(key: string): Promise<Uint8Array | undefined> {
    this.#locked.pass();
    return this.#files.readBytes(this.#path(key));
  }

  // deno-lint-ignore require-await -- throws as a rejection, as a real keyring does
  async set(key: string, item: { readonly data: Uint8Array }): Promise<void> {
    this.#locked.pass();
    this.#files.makeFolder(this.location, { shared: true });
    this.#files.writeWhole(this.#path(key), item.data);
  }

  // deno-lint-ignore require-await -- throws as a rejection, as a real keyring does
  async remove(key: string): Promise<boolean> {
    this.#locked.pass();
    return this.#files.remove(this.#path(key));
  }

  /** What a killed write left behind begins with a dot, and is not an item. */
  keys(): Promise<string[]> {
    const names = this.#files.list(this.location).filter((name) => !name.startsWith("."));
    return Promise.resolve(names.map(decodeURIComponent));
  }

  close(): void {}

  #path(key: string): string {
    return `${this.location}/${encodeURIComponent(key)}`;
  }
}
