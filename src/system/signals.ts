/**
 * Signals to this process.
 *
 * One that was ignored when the process started (`nohup`, a job in the background of a script) stays
 * ignored, here and in what this process starts and becomes. The runtime does not keep to that by itself: with the
 * first listener it takes SIGHUP, SIGINT and SIGTERM over, and a signal that nobody listens to then ends
 * the process, also one that came while somebody still did.
 */

import { type Libc, openLibc, SIG_IGN } from "./ffi/libc.ts";

/** The signals that people and programs end a process by; a terminal sends the first two, to a whole group. */
export const DEADLY: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM"];

/** A signal, and what is done when it comes. */
export type SignalHandler = readonly [Deno.Signal, () => void];

/** Listens until the function that is given back is called. */
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

/** More than the runtime takes to end by a signal, in milliseconds. */
const END_MS = 5_000;

/**
 * Ends this process by a signal, as if nobody had listened to it; every listener must have ended.
 *
 * The runtime takes the signal on another thread. A caller that waits for the end has nothing else
 * to wait for, and would sometimes be ended before it, with a trace about a promise that nobody
 * resolves.
 */
export function endBy(signal: Deno.Signal): void {
  setTimeout(() => {}, END_MS);
  Deno.kill(Deno.pid, signal);
}

/**
 * Stops every process of this job, as a terminal does at Ctrl-Z: also the one that called this one, whose
 * shell waits for it. Returns when the job goes on.
 */
export function stopJob(): void {
  Deno.kill(0, "SIGTSTP");
}

/** Those that people have ignored; their numbers are the same on Linux and macOS. */
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
