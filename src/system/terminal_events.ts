import { openLibc } from "./ffi/libc.ts";

/**
 * Distinguishes a signal of the terminal, which the kernel sends to the whole foreground group, from one that
 * somebody sends to this process alone, by checking whether the event behind the signal has happened.
 */
export class TerminalEvents {
  readonly #hadTerminal = hasTerminal();
  #size = terminalSize();

  /** Whether the terminal has just sent this signal, and so to the rest of our group too. */
  hasSent(signal: Deno.Signal): boolean {
    // When a terminal closes, only its session leader gets the signal, and must pass it on.
    if (signal === "SIGHUP") return this.#hadTerminal && !hasTerminal() && !isSessionLeader();
    if (signal !== "SIGWINCH") return false;
    const before = this.#size;
    this.#size = terminalSize();
    return this.#size !== before;
  }
}

/** Whether there is a controlling terminal; a closed terminal cannot be opened any more. */
function hasTerminal(): boolean {
  try {
    Deno.openSync("/dev/tty").close();
    return true;
  } catch {
    return false;
  }
}

function isSessionLeader(): boolean {
  return openLibc()?.calls.getsid(0) === Deno.pid;
}

/** The size of the terminal behind a standard stream; `undefined` if there is none. */
function terminalSize(): string | undefined {
  try {
    const { columns, rows } = Deno.consoleSize();
    return `${columns}x${rows}`;
  } catch {
    return undefined;
  }
}
