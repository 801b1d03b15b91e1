import { type FileCalls, openFileCalls } from "../../src/system/ffi/file_calls.ts";

/** Every call of Deno that changes something in a file system, or starts a program. */
const STEPS = [
  "openSync",
  "mkdirSync",
  "writeFileSync",
  "writeTextFileSync",
  "renameSync",
  "removeSync",
  "chmodSync",
  "chownSync",
  "linkSync",
  "symlinkSync",
  "truncateSync",
  "open",
  "mkdir",
  "writeFile",
  "writeTextFile",
  "rename",
  "remove",
  "chmod",
] as const;

/**
 * Makes this process kill itself (SIGKILL, so that nothing is tidied up) at the n-th effect from now,
 * counted from 1: before a call that has one effect, and in the middle of a write.
 */
export function killAtStep(n: number): void {
  let step = 0;
  const isDue = () => ++step === n;
  const calls = Deno as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of STEPS) {
    const original = calls[name]!;
    calls[name] = (...args) => isDue() ? die() : original.apply(Deno, args);
  }
  killAtCall(isDue);
  const file = Deno.FsFile.prototype;
  const { writeSync, syncSync, tryLockSync } = file;
  file.writeSync = function (bytes) {
    if (!isDue()) return writeSync.call(this, bytes);
    writeSync.call(this, bytes.subarray(0, Math.floor(bytes.length / 2)));
    return die();
  };
  file.syncSync = function () {
    return isDue() ? die() : syncSync.call(this);
  };
  file.tryLockSync = function (exclusive) {
    const locked = tryLockSync.call(this, exclusive);
    return isDue() ? die() : locked;
  };
}

/** The calls of the C library that change something, before the call; a write is cut in the middle. */
function killAtCall(isDue: () => boolean): void {
  const calls = openFileCalls() as { -readonly [Name in keyof FileCalls]: FileCalls[Name] };
  const names = ["openat", "fsync", "fchmod", "fchown", "flock", "renameat", "unlinkat"] as const;
  for (const name of names) {
    const original = calls[name] as (...args: unknown[]) => number;
    calls[name] = (...args: unknown[]) => isDue() ? die() : original(...args);
  }
  const { write } = calls;
  calls.write = (descriptor, bytes) => {
    if (!isDue()) return write(descriptor, bytes);
    write(descriptor, bytes.subarray(0, Math.floor(bytes.length / 2)));
    return die();
  };
}

function die(): never {
  Deno.kill(Deno.pid, "SIGKILL");
  while (true) {
    // The signal is on its way; nothing may happen before it arrives.
  }
}
