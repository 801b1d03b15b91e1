/** Ends this login session's unlock, or shuts a child out of it. */

import { type KernelKeys, type Native, NativeFailure } from "../../src/native.ts";
import { isOurs, unlessForbidden } from "./kek_cache.ts";

type Deps = Pick<Native, "kernelKeys">;

/**
 * Ends every unlock of this login session, for all stores, and returns the number of items.
 *
 * The keys are invalidated, not unlinked: a program of the session may have linked one to another
 * keyring, where it would survive.
 */
export async function forgetUnlocked(native: Deps): Promise<number> {
  const kernel = await native.kernelKeys();
  return kernel && unlessForbidden(() => forget(kernel)) || 0;
}

/**
 * Gives the program that this process becomes or starts a separate session keyring. It contains the
 * data key of the session cache, and every key that is not ours (Kerberos tickets, keys of file
 * systems). So that program can use cached sessions but never a long-term key, even one that is
 * unlocked beside it later.
 *
 * Prevents a child from exporting another profile's long-term key while the person has it unlocked.
 * The keys in the new keyring are the same keys with the same end, and `lock` ends them there, too.
 * If a new keyring cannot be created, the login session's own unlock ends instead.
 */
export async function shutOutChild(native: Deps): Promise<void> {
  const kernel = await native.kernelKeys();
  if (kernel === undefined) return;
  const all = unlessForbidden(() => kernel.list(kernel.specialKeyring("session"))) ?? [];
  const isAllowed = (serial: number) =>
    isOurs(kernel, serial, "data-key") || !isOurs(kernel, serial, "any");
  try {
    kernel.leaveSession(all.filter(isAllowed));
  } catch (error) {
    if (!(error instanceof NativeFailure)) throw error;
    unlessForbidden(() => forget(kernel));
  }
}

function forget(kernel: KernelKeys): number {
  return kernel.list(kernel.specialKeyring("session"))
    .filter((serial) => isOurs(kernel, serial, "any"))
    .filter((serial) => {
      // No item: nothing is stored yet that it opens.
      const isOfItem = !isOurs(kernel, serial, "next-key");
      return unlessForbidden(() => kernel.invalidate(serial)) && isOfItem;
    })
    .length;
}
