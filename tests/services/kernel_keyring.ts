import { openKernelKeys } from "../../src/system/ffi/kernel_keys.ts";

/** A keyring of the user's under a name of a test's own; it need not exist. */
export interface TestKeyring extends Disposable {
  readonly name: string;
}

/** Whether keys can be made here, for `requireService`: containers often forbid it. */
export function hasKernelKeys(): boolean {
  try {
    return openKernelKeys()?.specialKeyring("user") !== undefined;
  } catch {
    return false;
  }
}

export const KERNEL_KEYS_INSTALL = "a Linux whose add_key(2) and keyctl(2) are not forbidden";

/** Thinks of a name, and forgets what was kept under it in the end. */
export function testKeyring(): TestKeyring {
  const name = `aws-vault-test-${crypto.randomUUID()}`;
  return {
    name,
    [Symbol.dispose]() {
      const kernel = openKernelKeys()!;
      const user = kernel.specialKeyring("user");
      const ring = kernel.findKeyring(user, name);
      if (ring !== undefined) kernel.unlink(ring, user);
    },
  };
}
