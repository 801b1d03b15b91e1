import { openSystemCalls } from "./syscall.ts";

/** prctl(2), by machine. */
const PRCTL: Readonly<Record<string, bigint>> = { x86_64: 157n, aarch64: 167n };
const PR_SET_DUMPABLE = 4n;

let isGuarded = false;

/**
 * Closes this process's memory to other programs of the same user, before there is a secret in it.
 *
 * Linux then writes no core dump, whatever its limit, and lets nobody but root attach a debugger or
 * read `/proc/PID/mem` and `environ`. A program that this process starts or becomes is as open as
 * always: the kernel takes it back at execve (PR_SET_DUMPABLE(2const)). What opens no keystore
 * (help, completion) does without it: to open the C library costs half a millisecond.
 */
export function guardMemory(): void {
  const prctl = Deno.build.os === "linux" && !isGuarded ? PRCTL[Deno.build.arch] : undefined;
  isGuarded = true;
  if (prctl === undefined) return;
  // Without the library the memory stays as it is.
  openSystemCalls()?.syscall(prctl, PR_SET_DUMPABLE, 0n, 0n, 0n, new Uint8Array(8));
}
