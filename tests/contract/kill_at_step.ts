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

function die(): never {
  Deno.kill(Deno.pid, "SIGKILL");
  while (true) {
    // The signal is on its way; nothing may happen before it arrives.
  }
}
