/** A controlling terminal as `terminal.ts` needs it: POSIX and Windows have one each. */
export interface Tty {
  /**
   * Whether this process may read it now.
   *
   * `background`: it belongs to another job of the shell; to read it would stop this process
   * (SIGTTIN), for ever where nobody watches. `gone`: it was closed.
   */
  readiness(): "ready" | "background" | "gone";
  write(text: string): void;
  /** Turns echo, line editing and signal keys off; may be called again to make sure of it. */
  enterRaw(): void;
  /** Puts the settings back that `enterRaw` found; does nothing when it was not called. */
  restore(): void;
  /** Whether another process of ours holds the terminal in raw mode, so that it must be waited for. */
  isTaken(): boolean;
  /** Gives what was typed, empty when nothing was for a tenth of a second. */
  read(): Promise<Uint8Array>;
}
