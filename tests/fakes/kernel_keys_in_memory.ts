import type { KernelKeyFacts, KernelKeys } from "../../src/native.ts";

const SESSION = 1;

/** What one key is, besides its facts. */
interface Kept extends KernelKeyFacts {
  readonly bytes: Uint8Array;
  readonly seconds: number | undefined;
}

/** The kernel's keys of one login session, of whose keyring user 0 is the owner. */
export class KernelKeysInMemory {
  readonly keys = new Map<number, Kept>();
  readonly kernel: KernelKeys;
  #last = SESSION;

  /** `permissions`: of the session keyring. */
  constructor(permissions = 0x3f030000) {
    const session = { type: "keyring", description: "_ses", owner: 0, permissions };
    const calls: Partial<KernelKeys> = {
      specialKeyring: () => SESSION,
      describe: (serial) => serial === SESSION ? session : this.keys.get(serial),
      list: () => [...this.keys.keys()],
      search: (_keyring, description) => this.find(description),
      read: (serial) => this.keys.get(serial)?.bytes.slice(),
      invalidate: (serial) => this.keys.delete(serial),
      add: (_keyring, description, payload, { permissions, expireAfterSeconds: seconds }) => {
        const bytes = payload.slice();
        this.put({ type: "user", description, owner: 0, permissions, bytes, seconds });
      },
    };
    this.kernel = calls as KernelKeys;
  }

  /** What `Host.native` has of it. */
  get native() {
    return { kernelKeys: () => Promise.resolve(this.kernel) };
  }

  /** Puts a key there, in the place of one of the same description. */
  put(key: Kept): void {
    this.keys.delete(this.find(key.description) ?? 0);
    this.keys.set(++this.#last, key);
  }

  find(description: string): number | undefined {
    return this.keys.entries().find(([, key]) => key.description === description)?.[0];
  }

  /** How long each key of a kind is kept, in seconds, by what follows the prefix. */
  lifetimes(prefix: string): Record<string, number | undefined> {
    const ours = [...this.keys.values()].filter(({ description }) =>
      description.startsWith(prefix)
    );
    return Object.fromEntries(
      ours.map(({ description, seconds }) => [description.slice(prefix.length), seconds]),
    );
  }
}
