import { CStrings, dlopenLibc, rawCString, SIGPIPE } from "./ffi/libc.ts";

const SYMBOLS = {
  posix_spawn: {
    parameters: ["buffer", "buffer", "pointer", "buffer", "buffer", "buffer"],
    result: "i32",
  },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** Larger than `posix_spawnattr_t` and `sigset_t` on Linux and macOS, in bytes. */
const MOST_BYTES = 512;
/** The same number on Linux and macOS. */
const POSIX_SPAWN_SETSIGDEF = 4;

/** The functions of a running child that are used here. */
export type RunningChild = Pick<Deno.ChildProcess, "kill"> & {
  readonly status: Promise<{ readonly code: number }>;
};

/** Whether the runtime, which accepts only UTF-8, would change any of the texts. */
export function hasRawBytes(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): boolean {
  return ![...args, ...Object.entries(env).flat()].every((text) => text.isWellFormed());
}

/**
 * Starts a program on our streams, with its arguments and environment byte for byte (see
 * `src/raw_text.ts`); `undefined` if it cannot be started this way.
 *
 * Resets SIGPIPE, which is ignored in this process and would stay ignored in the program.
 */
export function startRaw(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningChild | undefined {
  const calls = dlopenLibc(SYMBOLS)?.calls;
  if (calls === undefined) return undefined;
  const attributes = new Uint8Array(MOST_BYTES);
  const signals = new Uint8Array(MOST_BYTES);
  signals[(SIGPIPE - 1) >> 3] = 1 << ((SIGPIPE - 1) & 7);
  calls.posix_spawnattr_init(attributes);
  calls.posix_spawnattr_setsigdefault(attributes, signals);
  calls.posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
  const argv = new CStrings([path, ...args]);
  const envp = new CStrings(Object.entries(env).map(([name, value]) => `${name}=${value}`));
  const pid = new Int32Array(1);
  const [program, texts] = [rawCString(path), [argv.pointers, envp.pointers] as const];
  if (calls.posix_spawn(pid, program, null, attributes, ...texts) !== 0) return undefined;
  const child = pid[0]!;
  return {
    status: endOf(child, async (status) => await calls.waitpid(child, status, 0)),
    kill: (signal) => Deno.kill(child, signal),
  };
}

/** How often a wait may be interrupted by a signal; a wait that always fails has no child left. */
const MOST_WAITS = 100;

/**
 * The exit code, or 128 + n for signal n; wait(2) gives the status in the same form on Linux and macOS.
 * It is 1 if the kernel keeps no status because this program was started with SIGCHLD ignored.
 */
async function endOf(
  pid: number,
  wait: (status: Int32Array<ArrayBuffer>) => Promise<number>,
): Promise<{ code: number }> {
  const status = new Int32Array(1);
  for (let waits = 1; await wait(status) !== pid; waits++) {
    if (waits === MOST_WAITS) return { code: 1 };
  }
  const signal = status[0]! & 0x7f;
  return { code: signal === 0 ? status[0]! >> 8 & 0xff : 128 + signal };
}
