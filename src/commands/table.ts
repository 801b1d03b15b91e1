import { displayWidth, wrapToWidth } from "../display_width.ts";
import { escapeControls, isPlain } from "../text.ts";

const MIN_WIDTH = 25;
const GAP = 2;
/** How far the cells of a folded row stand in. */
const INDENT = 2;

/**
 * Lays out rows under headings, in the widths that aws-vault has always used, without trailing blanks.
 *
 * With `columns`, the width of a terminal, a table that is wider has columns as wide as needed; where
 * that is too wide still, it is folded: a row has a line for each cell that is not `-`.
 */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Infinity,
): string[] {
  // Escaped here, too: it changes a width.
  const safe = rows.map((row) => row.every(isPlain) ? row : row.map(escapeControls));
  const all = [headings, headings.map((heading) => "=".repeat(heading.length)), ...safe];
  for (const least of [MIN_WIDTH, 0]) {
    const widths = headings.map((_, column) =>
      all.reduce((width, row) => Math.max(width, displayWidth(row[column] ?? "") + GAP), least)
    );
    if (least === MIN_WIDTH && columns === Infinity) return layOut(all, widths);
    const lines = layOut(all, widths);
    if (lines.every((line) => displayWidth(line) <= columns)) return lines;
  }
  return safe.flatMap((row) => foldRow(headings, row, columns));
}

function layOut(rows: readonly (readonly string[])[], widths: readonly number[]): string[] {
  const pad = (cell: string, width = 0) =>
    cell + " ".repeat(Math.max(0, width - displayWidth(cell)));
  return rows.map((row) => row.map((cell, column) => pad(cell, widths[column])).join("").trimEnd());
}

/** The first cell that is set, and the others below it under their headings. */
function foldRow(
  headings: readonly string[],
  row: readonly string[],
  columns: number,
): string[] {
  const set = headings.map((heading, i) => [heading, row[i] ?? "-"] as const)
    .filter(([, cell]) => cell !== "-");
  const [first, ...more] = set;
  if (first === undefined) return [];
  const width = Math.max(...headings.map((heading) => heading.length)) + GAP;
  const cells = more.flatMap(([heading, cell]) => {
    const lines = wrapToWidth(cell, columns - INDENT - width);
    return lines.map((line, i) => (i === 0 ? heading : "").padEnd(width) + line);
  });
  // A row that begins with another cell than the table says which one it is.
  const begin = first[0] === headings[0] ? first[1] : `${first[0]} ${first[1]}`;
  return [...wrapToWidth(begin, columns), ...cells.map((line) => " ".repeat(INDENT) + line)];
}
