import { escapeControls, isPlain } from "../text.ts";

const MIN_WIDTH = 25;
const GAP = 2;

/** Lays out rows under headings, in the widths that aws-vault has always used, without trailing blanks. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const rules = headings.map((heading) => "=".repeat(heading.length));
  // Escaped here, too: it changes a width.
  const all = [headings, rules, ...rows].map((row) =>
    row.every(isPlain) ? row : row.map(escapeControls)
  );
  const widths = headings.map((_, column) =>
    all.reduce((width, row) => Math.max(width, (row[column] ?? "").length + GAP), MIN_WIDTH)
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("").trimEnd();
  return all.map(line);
}
