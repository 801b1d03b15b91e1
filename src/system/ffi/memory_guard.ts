import { openSystemCalls } from "./syscall.ts";

/** The number of prctl(2), by machine. */
const PRCTL: Readonly<Record<string, bigint>> = { x86_64: 157n, aarch64: 167n };
const PR_SET_DUMPABLE = 4n;

let isGuarded = false;

/**
 * Protects this process's memory from other programs of the same user, before it holds a secret.
 *
 * Linux then writes no core dump, whatever the limit, and lets only root attach a debugger or read
 * `/proc/PID/mem` and `environ`. A program that this process starts or becomes is not protected: the
 * kernel resets the flag at execve (PR_SET_DUMPABLE(2const)). Commands that do not open a keystore
 * (help, completion) skip this, since opening the C library costs half a millisecond.
 */
export function guardMemory(): void {
  const prctl = Deno.build.os === "linux" && !isGuarded ? PRCTL[Deno.build.arch] : undefined;
  isGuarded = true;
  if (prctl === undefined) return;
  // Without the library the memory stays unprotected.
  openSystemCalls()?.syscall(prctl, PR_SET_DUMPABLE, 0n, 0n, 0n, new Uint8Array(8));
}
