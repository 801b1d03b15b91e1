import { openLibc } from "./ffi/libc.ts";

/**
 * Distinguishes a signal of the terminal, which the kernel sends to the whole foreground group, from one that
 * somebody sends to this process alone: by whether the thing has happened that the kernel speaks of.
 */
export class TerminalEvents {
  readonly #hadTerminal = hasTerminal();
  #size = terminalSize();

  /** Whether the terminal has sent this signal, just now, and so to the others of our group too. */
  hasSent(signal: Deno.Signal): boolean {
    // Of a terminal that closes the leader of its session alone gets to know, and passes that on.
    if (signal === "SIGHUP") return this.#hadTerminal && !hasTerminal() && !isSessionLeader();
    if (signal !== "SIGWINCH") return false;
    const before = this.#size;
    this.#size = terminalSize();
    return this.#size !== before;
  }
}

/** Whether there is a controlling terminal; one that was closed cannot be opened any more. */
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

/** Of the terminal that a standard stream leads to; nothing where none does. */
function terminalSize(): string | undefined {
  try {
    const { columns, rows } = Deno.consoleSize();
    return `${columns}x${rows}`;
  } catch {
    return undefined;
  }
}
