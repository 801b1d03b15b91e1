/** A controlling terminal as `terminal.ts` needs it, with an implementation each for POSIX and Windows. */
export interface Tty {
  /**
   * Whether this process may read it now.
   *
   * `background`: it belongs to another job of the shell; reading it would stop this process
   * (SIGTTIN), forever if nobody watches. `gone`: it was closed.
   */
  readiness(): "ready" | "background" | "gone";
  write(text: string): void;
  /** Turns echo, line editing and signal keys off; may be called again to be sure. */
  enterRaw(): void;
  /** Restores the settings that `enterRaw` found, and releases what `take` took. */
  restore(): void;
  /** Keeps our other processes from asking at the same time; `false` if one is asking now. */
  take(): boolean;
  /** Returns the typed bytes; empty if nothing was typed for a tenth of a second. */
  read(): Promise<Uint8Array>;
  /** Converts text to what earlier versions read for the same keys; absent: unchanged. */
  oldReading?(text: string): string;
}
