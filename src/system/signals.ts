/**
 * Signals to this process.
 *
 * A signal that was ignored when the process started (`nohup`, a script's background job) stays ignored,
 * here and in what this process starts or becomes. The runtime does not ensure that: the first listener
 * makes it handle SIGHUP, SIGINT and SIGTERM, and then a signal without a listener ends the process,
 * even one that came while there was a listener.
 */

import { type Libc, openLibc, SIG_IGN } from "./ffi/libc.ts";

/**
 * The signals that end a process; a terminal sends the first two, to a whole group, and the kernel SIGXCPU
 * at a limit (`ulimit -t`). Those for a fault of the process itself are not among them.
 */
export const DEADLY: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : [
    ...["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM"] as const,
    ...["SIGABRT", "SIGSYS", "SIGXCPU", "SIGVTALRM", "SIGPROF"] as const,
  ];

/** A signal and its handler. */
export type SignalHandler = readonly [Deno.Signal, () => void];

/** Listens until the returned function is called. */
export function listen(handlers: readonly SignalHandler[]): () => void {
  const libc = openLibc();
  const ignored = ignoredAtStart ??= libc ? findIgnored(libc) : [];
  const heard = handlers.filter(([signal]) =>
    !(ignored as readonly Deno.Signal[]).includes(signal)
  );
  for (const [signal, handler] of heard) Deno.addSignalListener(signal, handler);
  for (const signal of ignored) libc?.calls.signal(NUMBERS[signal], SIG_IGN);
  return () => {
    for (const [signal, handler] of heard) Deno.removeSignalListener(signal, handler);
  };
}

/** Longer than the runtime takes to end by a signal, in milliseconds. */
const END_MS = 5_000;

/**
 * Ends this process by a signal, as if it had no listeners; all of them must have been removed.
 *
 * The runtime handles the signal on another thread. A caller that waits for the end has nothing else
 * to wait for, and without the timer here would sometimes end earlier, with a trace about a promise that
 * nobody resolves.
 */
export function endBy(signal: Deno.Signal): void {
  setTimeout(() => {}, END_MS);
  Deno.kill(Deno.pid, signal);
}

/**
 * Stops every process of this job, as a terminal does on Ctrl-Z, including this process's caller, which the
 * shell waits for. Returns when the job continues.
 */
export function stopJob(): void {
  Deno.kill(0, "SIGTSTP");
}

/** The signals that people set to be ignored; their numbers are the same on Linux and macOS. */
const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

type Ignorable = keyof typeof NUMBERS;

let ignoredAtStart: readonly Ignorable[] | undefined;

function findIgnored(libc: Libc): Ignorable[] {
  const names = Object.keys(NUMBERS) as Ignorable[];
  return names.filter((name) => isIgnored(libc, NUMBERS[name]));
}

/** `struct sigaction` begins with the handler, on Linux and macOS. */
function isIgnored(libc: Libc, number: number): boolean {
  const action = new BigUint64Array(32);
  return libc.calls.sigaction(number, null, action) === 0 && action[0] === SIG_IGN;
}
