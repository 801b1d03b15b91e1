import { displayWidth, wrapToWidth } from "../display_width.ts";
import { escapeControls, isPlain } from "../text.ts";

const MIN_WIDTH = 25;
const GAP = 2;
/** The text of an empty cell. */
const EMPTY = "-";
/** The indent of the cells of a folded row. */
const INDENT = 2;

/**
 * Lays out rows under headings, in the traditional widths of aws-vault, without trailing blanks.
 *
 * With `columns`, the width of a terminal, a wider table gets only the widths that it needs; if it is
 * still too wide, it is folded: a row has a line for each cell that is not `-`.
 */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Infinity,
): string[] {
  // Nearly always every character is one column wide: laid out so, then checked as a whole.
  const easy = layOutWithin(headings, rows, columns, (cell) => cell.length);
  if (easy !== undefined && isPlain(easy.join(""))) return easy;
  // Escaped here too, because that changes a width.
  const safe = rows.map((row) => row.map(escapeControls));
  return layOutWithin(headings, safe, columns, displayWidth) ??
    safe.flatMap((row) => foldRow(headings, row, columns));
}

/** The table in its usual widths, or else in the needed widths; `undefined` if that is too wide. */
function layOutWithin(
  headings: readonly string[],
  rows: Rows,
  columns: number,
  widthOf: WidthOf,
): string[] | undefined {
  const head = [headings, headings.map((heading) => "=".repeat(heading.length))];
  const needed = neededWidths([head, rows], widthOf);
  for (const least of [MIN_WIDTH, 0]) {
    const widths = needed.map((width) => Math.max(width + GAP, least));
    const lines = [...layOut(head, widths, widthOf), ...layOut(rows, widths, widthOf)];
    if (columns === Infinity || lines.every((line) => widthOf(line) <= columns)) return lines;
  }
  return undefined;
}

type Rows = readonly (readonly string[])[];
type WidthOf = (cell: string) => number;

function neededWidths(parts: readonly Rows[], widthOf: WidthOf): number[] {
  const widths = parts[0]![0]!.map(() => 0);
  for (const rows of parts) {
    for (const row of rows) {
      for (let i = 0; i < row.length; i++) {
        const width = widthOf(row[i]!);
        if (width > widths[i]!) widths[i] = width;
      }
    }
  }
  return widths;
}

function layOut(rows: Rows, widths: readonly number[], widthOf: WidthOf): string[] {
  // Most rows of a long list have only their first cell.
  const padded = widths.map((width) => EMPTY.padEnd(width));
  const empty = [...padded.slice(1, -1), EMPTY].join("");
  return rows.map((row) => {
    const last = row.length - 1;
    let line = "";
    // padEnd counts characters: add the difference between a cell's characters and its columns.
    for (let i = 0; i < last; i++) {
      const cell = row[i]!;
      line += cell === EMPTY ? padded[i] : cell.padEnd(widths[i]! + cell.length - widthOf(cell));
      if (i === 0 && isEmptyAfterFirst(row)) return line + empty;
    }
    return row[last] === "" ? line.trimEnd() : line + row[last];
  });
}

function isEmptyAfterFirst(row: readonly string[]): boolean {
  for (let i = 1; i < row.length; i++) if (row[i] !== EMPTY) return false;
  return row.length > 1;
}

/** The first non-empty cell, with the others below it under their headings. */
function foldRow(
  headings: readonly string[],
  row: readonly string[],
  columns: number,
): string[] {
  const set = headings.map((heading, i) => [heading, row[i] ?? EMPTY] as const)
    .filter(([, cell]) => cell !== EMPTY);
  const [first, ...more] = set;
  if (first === undefined) return [];
  const width = Math.max(...headings.map((heading) => heading.length)) + GAP;
  const cells = more.flatMap(([heading, cell]) => {
    const lines = wrapToWidth(cell, columns - INDENT - width);
    return lines.map((line, i) => (i === 0 ? heading : "").padEnd(width) + line);
  });
  // A row that does not begin with the table's first cell names the cell.
  const begin = first[0] === headings[0] ? first[1] : `${first[0]} ${first[1]}`;
  return [...wrapToWidth(begin, columns), ...cells.map((line) => " ".repeat(INDENT) + line)];
}
