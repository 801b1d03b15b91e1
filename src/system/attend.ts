import { deletedFolder } from "./deleted_folder.ts";
import { openLibc } from "./ffi/libc.ts";
import { underInheritedLimit } from "./open_file_limit.ts";
import { wellFormed } from "./process_environment.ts";
import { hasRawBytes, type RunningChild, startRaw } from "./raw_child.ts";
import { listen, type SignalHandler } from "./signals.ts";
import { startFailure } from "./start_failure.ts";
import { TerminalEvents } from "./terminal_events.ts";

/**
 * The signals that Ctrl-C and Ctrl-\ send to the whole foreground group, the child included. Ctrl-Z is
 * not handled: it stops both processes together, which the shell waits for.
 */
const FROM_TERMINAL: readonly Deno.Signal[] = ["SIGINT", "SIGQUIT"];

/** Signals that are sent to this process alone but meant for the program that it runs. */
const PASSED_ON: readonly Deno.Signal[] = [
  "SIGTERM",
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGWINCH",
];

/**
 * Runs a program on our streams, in our process group, and returns its exit code or 128 + n.
 *
 * Terminal signals are ignored here: the kernel sends them to the child as well, and a second one
 * makes terraform give up and lose data. Such a signal looks the same as one that `kill -INT` sent to
 * this process alone, so that one is ignored too. To end both processes, send SIGTERM, which is passed
 * on, like the other signals unless the terminal sent them (`src/system/terminal_events.ts`).
 *
 * Windows has no signals: there the child, and what it starts, ends with this process.
 */
export async function attend(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  // Never stopped: the child may have died of a Ctrl-C that has not reached our listener yet. Without a
  // listener it would end this process with another exit code than the child's.
  const signals = new AttendedSignals();
  const job = Deno.build.os === "windows"
    ? (await import("./ffi/job_object.ts")).openJob()
    : undefined;
  const child = start(path, args, env);
  signals.passOnTo(child);
  const { code } = await child.status;
  // What the child left in the background keeps running, as on other systems.
  job?.release();
  // For a child killed by signal n, Deno gives 128 + n.
  return code;
}

function start(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningChild {
  try {
    return underInheritedLimit(openLibc(), () => startOnOurStreams(path, args, env));
  } catch (error) {
    throw startFailure(path, error);
  }
}

function startOnOurStreams(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningChild {
  const folder = deletedFolder();
  const isRaw = folder === undefined && hasRawBytes(args, env);
  const raw = isRaw ? startRaw(path, args, env) : undefined;
  if (raw !== undefined) return raw;
  return new Deno.Command(path, {
    args: [...args],
    env: wellFormed(env),
    clearEnv: true,
    ...(folder === undefined ? {} : { cwd: `/proc/self/fd/${folder}` }),
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
}

/** The signal handlers while a child runs; a signal that arrives before it starts is kept for it. */
class AttendedSignals {
  readonly #early: Deno.Signal[] = [];
  readonly #terminal = new TerminalEvents();
  #child: RunningChild | undefined;

  constructor() {
    const windows = Deno.build.os === "windows";
    const ignored: readonly Deno.Signal[] = windows ? ["SIGINT", "SIGBREAK"] : FROM_TERMINAL;
    const passed = windows ? [] : PASSED_ON;
    listen([
      ...ignored.map((signal): SignalHandler => [signal, () => {}]),
      ...passed.map((signal): SignalHandler => [signal, () => this.#pass(signal)]),
    ]);
  }

  passOnTo(child: RunningChild): void {
    this.#child = child;
    for (const signal of this.#early) this.#send(signal);
  }

  #pass(signal: Deno.Signal): void {
    if (this.#terminal.hasSent(signal)) return;
    if (this.#child === undefined) this.#early.push(signal);
    else this.#send(signal);
  }

  #send(signal: Deno.Signal): void {
    try {
      this.#child?.kill(signal);
    } catch {
      // The child has ended; its status is about to arrive.
    }
  }
}
