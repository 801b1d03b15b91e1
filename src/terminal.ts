/** The terminal at which a person is asked. */

import type { Secret } from "./secret.ts";

/**
 * The person's terminal: `/dev/tty` or `CONIN$`/`CONOUT$`, not the standard streams, which belong to
 * the data. Nothing is opened before the first use.
 */
export interface Terminal {
  /** Whether there is a controlling terminal that can be read and written. */
  isAvailable(): Promise<boolean>;
  /** Writes a line with its end; all else in it is escaped. */
  write(line: string): Promise<void>;
  /**
   * Asks a question, which is escaped too, and gives the line that was typed, without its end.
   *
   * `hidden`: what is typed is not shown. Ctrl-C and Ctrl-D throw `VaultError` `interrupted`, after
   * the terminal's settings are restored; a time-out throws `needs-person`, with `waitsForTyping` only
   * where nothing was typed by then.
   */
  ask(question: string, options?: AskOptions): Promise<Secret>;
  /**
   * A line that was typed here as earlier versions read the same keys: other than it is at a console of
   * Windows, for letters outside ASCII.
   */
  oldReading?(line: Secret): Promise<Secret>;
  /**
   * Drops what was typed or pasted behind the last answer: lines of a paste that was refused must not
   * become other answers, or commands of the shell. Does nothing before the first question.
   */
  dropTyped(): Promise<void>;
  /**
   * Draws a dialog below the cursor and gives it the keys that are pressed, until it has a result; then
   * takes it away again. Ctrl-C throws `interrupted`, and the terminal is as before. Absent where there
   * is no terminal, and where it cannot draw.
   */
  interact?<T>(dialog: Dialog<T>): Promise<T>;
}

/** What is drawn at a terminal and driven by keys: pure, so that a test can press them. */
export interface Dialog<T> {
  /** It is shown on a screen of its own, of which nothing can be scrolled back to. */
  readonly isSecret?: boolean;
  /** The lines to be seen, none wider and no more than the terminal has; all else in them is escaped. */
  render(size: TerminalSize): readonly string[];
  /**
   * Takes a key: a character, or one of `up`, `down`, `pageup`, `pagedown`, `home`, `end`, `enter`,
   * `backspace`, `escape`, `ctrl-u`. Gives the result where that key ends it.
   */
  onKey(key: string): { readonly result: T } | undefined;
}

/** The size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** How a question is asked. */
export interface AskOptions {
  readonly hidden?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly waitsForTyping?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}
