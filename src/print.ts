/** The only way out for text: everything on standard output and standard error goes through here. */

import type { Output } from "./host.ts";
import { escapeControls, isPlain } from "./text.ts";

/**
 * Prints lines for a person. Whatever others wrote into a line (a name, an answer, an error), it stays one
 * line, and control characters in it are shown, not executed.
 */
export function printLines(output: Output, lines: readonly string[]): void {
  output.write(renderLines(lines));
}

/** Prints a text of several lines for a person; see {@linkcode printLines}. */
export function printText(output: Output, text: string): void {
  if (/^[ -~\n]*$/.test(text)) output.write(text + "\n");
  else printLines(output, text.split("\n"));
}

/** Renders what {@linkcode printLines} prints, for a library that prints by itself. */
export function renderLines(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  // One check for all lines: `list` prints 10,000.
  const safe = isPlain(lines.join("")) ? lines : lines.map(escapeControls);
  return safe.join("\n") + "\n";
}

/**
 * Prints a document as it is: either for a program, escaped by the rules of its format (JSON, shell
 * quoting), or consisting only of our own text (help, completion scripts).
 *
 * The lint rule `vault/one-way-out` lists the files that may call this.
 */
export function printDocument(output: Output, document: string): void {
  output.write(document);
}
