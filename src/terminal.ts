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
   * Drops what was typed or pasted behind the last answer: lines of a paste that was refused must not
   * become other answers, or commands of the shell. Does nothing before the first question.
   */
  dropTyped(): Promise<void>;
}

/** How a question is asked. */
export interface AskOptions {
  readonly hidden?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly waitsForTyping?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}
