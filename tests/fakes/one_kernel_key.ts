import type { KernelKeys } from "../../src/native.ts";

/** The rights on a session keyring of one's own. */
const PRIVATE = 0x3f030000;
/** Those on one that others of the user can join by its name. */
export const JOINABLE_BY_NAME = 0x3f130000;

/** The kernel's keys, as far as they keep one key. */
export function oneKernelKey(kept: Map<string, Uint8Array>, permissions = PRIVATE): KernelKeys {
  const serial = 7;
  const keys: Partial<KernelKeys> = {
    specialKeyring: () => 1,
    describe: () => ({ type: "keyring", description: "_ses", owner: 0, permissions }),
    add(_keyring, description, bytes) {
      kept.set(description, bytes.slice());
    },
    search: (_keyring, description) => kept.has(description) ? serial : undefined,
    read: () => [...kept.values()][0]?.slice(),
  };
  return keys as KernelKeys;
}
