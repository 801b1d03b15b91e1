/** The terminal on which a person is asked. */

import type { Secret } from "./secret.ts";

/**
 * The person's terminal: `/dev/tty` or `CONIN$`/`CONOUT$`, not the standard streams, which carry data.
 * Nothing is opened before the first use.
 */
export interface Terminal {
  /** Whether there is a controlling terminal that can be read and written. */
  isAvailable(): Promise<boolean>;
  /** Writes a line and its line end; control characters in the line are escaped. */
  write(line: string): Promise<void>;
  /**
   * Asks a question, also escaped, and returns the typed line, without its line end.
   *
   * `hidden`: the input is not shown. Ctrl-C and Ctrl-D throw `VaultError` `interrupted` after
   * the terminal's settings are restored; a time-out throws `needs-person`, with `waitsForTyping` only
   * if nothing was typed by then.
   */
  ask(question: string, options?: AskOptions): Promise<Secret>;
  /**
   * A typed line as earlier versions read the same keys: differs on a Windows console, for letters
   * outside ASCII.
   */
  oldReading?(line: Secret): Promise<Secret>;
  /**
   * Drops input typed or pasted after the last answer: the lines of a refused paste must not become
   * other answers, or shell commands. Does nothing before the first question.
   */
  dropTyped(): Promise<void>;
  /**
   * Draws a dialog below the cursor and passes it the pressed keys until it has a result; then removes
   * it. Ctrl-C throws `interrupted`, with the terminal restored. Absent if there is no terminal, or if
   * the terminal cannot draw.
   */
  interact?<T>(dialog: Dialog<T>): Promise<T>;
}

/** A dialog drawn on a terminal and driven by keys; pure, so that a test can press keys. */
export interface Dialog<T> {
  /** Whether it is shown on a separate screen without scrollback. */
  readonly isSecret?: boolean;
  /** The visible lines, within the terminal's width and height; control characters are escaped. */
  render(size: TerminalSize): readonly string[];
  /**
   * Takes a key: a character, or one of `up`, `down`, `pageup`, `pagedown`, `home`, `end`, `enter`,
   * `backspace`, `escape`, `ctrl-u`. Returns the result if that key ends the dialog.
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
