/** A dialog on a terminal: its lines drawn in place (ECMA-48), and the keys that terminals send (xterm). */

import { displayWidth } from "../display_width.ts";
import type { TerminalSize } from "../terminal.ts";
import { escapeControls } from "../text.ts";
import type { Tty } from "./tty.ts";

/** Draws the lines of a dialog below the cursor, each drawing over the last. */
export class DialogScreen {
  readonly #tty: Pick<Tty, "write">;
  readonly #size: () => TerminalSize;
  #shown = "";
  #lines: readonly string[] = [];
  #columns = 0;

  constructor(tty: Pick<Tty, "write">, size: () => TerminalSize = terminalSize) {
    this.#tty = tty;
    this.#size = size;
  }

  /** Draws the lines in place of the previous ones; unchanged lines cost nothing. */
  draw(lines: readonly string[]): void {
    const safe = lines.map(escapeControls);
    const text = safe.map((line) => `${line}\x1b[K`).join("\n");
    const { columns } = this.#size();
    if (text === this.#shown && columns === this.#columns) return;
    this.#tty.write(`${this.#home()}${text}\x1b[J`);
    this.#shown = text;
    this.#lines = safe;
    this.#columns = columns;
  }

  /** Erases the dialog, with the cursor where it was before. */
  erase(): void {
    const height = this.#height();
    if (height === 0) return;
    // Line by line: tmux moves a screen that is cleared at once into its scrollback.
    const lines = Array.from({ length: height }, () => "\x1b[K").join("\n");
    this.#tty.write(`${this.#home()}${lines}${this.#home()}`);
    this.#lines = [];
    this.#shown = "";
  }

  /** How many screen rows it takes: a terminal that became narrower has wrapped its lines. */
  #height(): number {
    const { columns } = this.#size();
    return this.#lines.reduce(
      (rows, line) => rows + Math.max(1, Math.ceil(displayWidth(line) / columns)),
      0,
    );
  }

  #home(): string {
    const height = this.#height();
    return height > 1 ? `\r\x1b[${height - 1}A` : "\r";
  }
}

/** The alternate screen, which has no scrollback (xterm, private modes). */
export const OWN_SCREEN = { enter: "\x1b[?1049h\x1b[H", leave: "\x1b[?1049l" } as const;

/** The sequences that terminals send for keys, and the keys' names; longest first. */
const SEQUENCES: readonly (readonly [sequence: string, key: string])[] = [
  ["\x1b[5~", "pageup"],
  ["\x1b[6~", "pagedown"],
  ["\x1b[1~", "home"],
  ["\x1b[4~", "end"],
  ["\x1b[A", "up"],
  ["\x1b[B", "down"],
  ["\x1b[H", "home"],
  ["\x1b[F", "end"],
  ["\x1bOA", "up"],
  ["\x1bOB", "down"],
  ["\x1bOH", "home"],
  ["\x1bOF", "end"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\x7f", "backspace"],
  ["\b", "backspace"],
  ["\x03", "interrupt"],
  ["\x04", "interrupt"],
  ["\x1c", "quit"],
  ["\x1a", "suspend"],
  ["\x15", "ctrl-u"],
  ["\x10", "up"],
  ["\x0e", "down"],
];

/** The keys in the input of one read; unknown sequences are dropped. */
export function parseKeys(typed: string): string[] {
  const keys: string[] = [];
  for (let rest = typed; rest !== "";) {
    const known = SEQUENCES.find(([sequence]) => rest.startsWith(sequence));
    // deno-lint-ignore no-control-regex -- this is what keys send
    const other = /^\x1b(?:\[[\d;<=>?]*[@-~]|O.|$)?/.exec(rest)?.[0];
    const character = String.fromCodePoint(rest.codePointAt(0)!);
    if (known !== undefined) keys.push(known[1]);
    else if (other === "\x1b" && rest.length === 1) keys.push("escape");
    else if (other === undefined && character >= " ") keys.push(character);
    rest = rest.slice((known?.[0] ?? other ?? character).length);
  }
  return keys;
}

/** The size of the terminal; 80 by 24 if unknown. */
export function terminalSize(): TerminalSize {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}
