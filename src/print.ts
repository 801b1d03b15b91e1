/** The one way out for text: everything on standard output and standard error goes through here. */

import type { Output } from "./host.ts";
import { escapeControls, isPlain } from "./text.ts";

/**
 * Prints lines for a person. Whatever others wrote in one (a name, an answer, an error), it stays one
 * line, and shows what it holds instead of doing it.
 */
export function printLines(output: Output, lines: readonly string[]): void {
  output.write(renderLines(lines));
}

/** Prints a text of several lines for a person; see {@linkcode printLines}. */
export function printText(output: Output, text: string): void {
  if (/^[ -~\n]*$/.test(text)) output.write(text + "\n");
  else printLines(output, text.split("\n"));
}

/** What {@linkcode printLines} prints, for a library that prints by itself. */
export function renderLines(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  // One look at all: `list` prints 10,000 lines.
  const safe = isPlain(lines.join("")) ? lines : lines.map(escapeControls);
  return safe.join("\n") + "\n";
}

/**
 * Prints a document as it is: one for a program, which is escaped by the rules of its format (JSON, a
 * shell's quotes), or of our own words alone (help, completion scripts).
 *
 * The lint rule `vault/one-way-out` has the list of files that may.
 */
export function printDocument(output: Output, document: string): void {
  output.write(document);
}
