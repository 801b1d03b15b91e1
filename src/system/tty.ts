/** A controlling terminal as `terminal.ts` needs it: POSIX and Windows have one each. */
export interface Tty {
  /**
   * Whether this process may read it now.
   *
   * `background`: it belongs to another job of the shell; to read it would stop this process
   * (SIGTTIN), forever where nobody watches. `gone`: it was closed.
   */
  readiness(): "ready" | "background" | "gone";
  write(text: string): void;
  /** Turns echo, line editing and signal keys off; may be called again to make sure of it. */
  enterRaw(): void;
  /** Puts the settings back that `enterRaw` found, and gives up what `take` took. */
  restore(): void;
  /** Keeps other processes of ours from asking at the same time; `false` when one is asking now. */
  take(): boolean;
  /** Gives what was typed, empty when nothing was for a tenth of a second. */
  read(): Promise<Uint8Array>;
  /** Text as earlier versions read the same keys; absent: as it is. */
  oldReading?(text: string): string;
}
