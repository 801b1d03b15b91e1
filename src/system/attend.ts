import { deletedFolder } from "./deleted_folder.ts";
import { openLibc } from "./ffi/libc.ts";
import { lowerOpenFileLimit } from "./open_file_limit.ts";
import { wellFormed } from "./process_environment.ts";
import { hasRawBytes, type RunningChild, startRaw } from "./raw_child.ts";
import { listen, type SignalHandler } from "./signals.ts";
import { startFailure } from "./start_failure.ts";
import { TerminalEvents } from "./terminal_events.ts";

/**
 * What Ctrl-C and Ctrl-\ send to the whole foreground group, the child included. Ctrl-Z is left
 * alone: it stops the two together, which is what the shell waits for.
 */
const FROM_TERMINAL: readonly Deno.Signal[] = ["SIGINT", "SIGQUIT"];

/** What is sent to this process alone, and meant for the program it stands for. */
const PASSED_ON: readonly Deno.Signal[] = [
  "SIGTERM",
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGWINCH",
];

/**
 * Runs a program on our streams, in our process group, and gives its exit code or 128 + n.
 *
 * Signals of the terminal are ignored here: the kernel has sent them to the child as well, and a
 * second one makes terraform give up with loss of data. Nothing distinguishes such a signal from
 * one that `kill -INT` sent to this process alone, so that one is ignored too; who wants to end the
 * pair sends SIGTERM, which is passed on, as is what the terminal does not send by itself
 * (`src/system/terminal_events.ts`).
 *
 * Windows has no signals: there the child, and what it starts, ends with this process.
 */
export async function attend(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  // Never stopped: the child may have ended by a Ctrl-C that is still on its way to the listener here, and
  // one that nobody listens to would end this process with another code than the child's.
  const signals = new AttendedSignals();
  const job = Deno.build.os === "windows"
    ? (await import("./ffi/job_object.ts")).openJob()
    : undefined;
  const child = start(path, args, env);
  signals.passOnTo(child);
  const { code } = await child.status;
  // What the child has left in the background goes on, as it does elsewhere.
  job?.release();
  // Deno has made it 128 + n for a child that signal n killed.
  return code;
}

function start(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningChild {
  const libc = openLibc();
  const undoLimit = libc ? lowerOpenFileLimit(libc) : () => {};
  try {
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
  } catch (error) {
    throw startFailure(path, error);
  } finally {
    undoLimit();
  }
}

/** The signal handlers while a child runs; a signal that comes before it has started is kept for it. */
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
      // The child has ended; its status is on the way.
    }
  }
}
