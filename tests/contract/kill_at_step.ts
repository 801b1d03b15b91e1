import { type FileCalls, OPEN_FLAGS, openFileCalls } from "../../src/system/ffi/file_calls.ts";

/** Every call of Deno that changes something in a file system. */
const STEPS = [
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
 *
 * What changes no file is not a step (opening one to read, fsync, a lock): who dies before it leaves
 * what it leaves before the next effect. Gives what counts one step more and dies where it is the n-th,
 * for effects on something else.
 */
export function killAtStep(n: number): () => void {
  let step = 0;
  const isDue = () => ++step === n;
  const calls = Deno as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of STEPS) {
    const original = calls[name]!;
    calls[name] = (...args) => isDue() ? die() : original.apply(Deno, args);
  }
  for (const name of ["openSync", "open"]) {
    const original = calls[name]!;
    calls[name] = (...args) =>
      mayMake(args[1] as Deno.OpenOptions) && isDue() ? die() : original.apply(Deno, args);
  }
  const command = Deno.Command.prototype;
  const { spawn } = command;
  command.spawn = function () {
    return isDue() ? die() : spawn.call(this);
  };
  killAtCall(isDue);
  const file = Deno.FsFile.prototype;
  const { writeSync } = file;
  file.writeSync = function (bytes) {
    if (!isDue()) return writeSync.call(this, bytes);
    writeSync.call(this, bytes.subarray(0, Math.floor(bytes.length / 2)));
    return die();
  };
  return () => isDue() && die();
}

function mayMake({ create, createNew, truncate }: Deno.OpenOptions = {}): boolean {
  return Boolean(create || createNew || truncate);
}

/** The calls of the C library that change something, before the call; a write is cut in the middle. */
function killAtCall(isDue: () => boolean): void {
  type Calls = { -readonly [Name in keyof FileCalls]: FileCalls[Name] };
  const calls = openFileCalls() as Calls | undefined;
  // On Windows the calls of Deno are all.
  if (calls === undefined) return;
  const names = ["fchmod", "fchown", "renameat", "unlinkat"] as const;
  for (const name of names) {
    const original = calls[name] as (...args: unknown[]) => number;
    calls[name] = (...args: unknown[]) => isDue() ? die() : original(...args);
  }
  const { openat, write } = calls;
  calls.openat = (folder, name, flags, mode) =>
    (flags & OPEN_FLAGS.O_CREAT) !== 0 && isDue() ? die() : openat(folder, name, flags, mode);
  calls.write = (descriptor, bytes) => {
    if (!isDue()) return write(descriptor, bytes);
    write(descriptor, bytes.subarray(0, Math.floor(bytes.length / 2)));
    return die();
  };
}

/** The exit code on Windows, which has no signals, of a process that killed itself. */
export const KILLED_CODE = 137;

function die(): never {
  if (Deno.build.os === "windows") terminate();
  Deno.kill(Deno.pid, "SIGKILL");
  while (true) {
    // The signal is on its way; nothing may happen before it arrives.
  }
}

/** What Deno's own call does there, but with a code that no failure has. */
function terminate(): void {
  const { symbols } = Deno.dlopen("kernel32.dll", {
    GetCurrentProcess: { parameters: [], result: "pointer" },
    TerminateProcess: { parameters: ["pointer", "u32"], result: "i32" },
  });
  symbols.TerminateProcess(symbols.GetCurrentProcess(), KILLED_CODE);
}
