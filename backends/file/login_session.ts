/** What becomes of this login session's unlock: it is ended, or a child is shut out of it. */

import { type KernelKeys, type Native, NativeFailure } from "../../src/native.ts";
import { isOurs, unlessForbidden } from "./kek_cache.ts";

type Deps = Pick<Native, "kernelKeys">;

/**
 * Ends what is unlocked in this login session, of whatever store, and says how many items that were.
 *
 * The keys are invalidated, not unlinked: a program of the session may have linked one to a keyring of
 * its own, where it would live on.
 */
export async function forgetUnlocked(native: Deps): Promise<number> {
  const kernel = await native.kernelKeys();
  return kernel && unlessForbidden(() => forget(kernel)) || 0;
}

/**
 * Gives the program that this process becomes or starts a session keyring of its own, which has the
 * data key of the session cache, and of what is not ours everything (Kerberos tickets, keys of file
 * systems): so what it starts can use cached sessions and never a long-term key, not even one that is
 * unlocked beside it later on.
 *
 * Against a child that exports another profile's long-term key while the person has it unlocked. The
 * keys that go along are the same ones, with the same end, and `lock` ends them there, too. Where no
 * new keyring can be had, the login session's own unlock ends instead.
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
    .filter((serial) => unlessForbidden(() => kernel.invalidate(serial)))
    .length;
}
