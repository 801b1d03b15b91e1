/**
 * The columns that text takes on a terminal: 2 for East Asian wide characters and emoji, 0 for marks
 * that combine with the character before (Unicode Standard Annex #11).
 */

/** The wide ranges of EastAsianWidth.txt, joined across unassigned code points. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2fb],
  [0x20000, 0x3fffd],
];

const MARK = /^[\p{Mn}\p{Me}\u200d\ufe0f]$/u;
const EMOJI = /^\p{Emoji_Presentation}$/u;

/** The columns of a text without control characters. */
export function displayWidth(text: string): number {
  if (/^[ -~─-╿]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Cuts a text to at most this many columns; a text that was cut ends with `…`. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let width = 0;
  let cut = "";
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return columns > 0 ? `${cut}…` : "";
}

/** Splits a text into lines of at most this many columns, at blanks if there are any. */
export function wrapToWidth(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (displayWidth(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = breakWord(word, Math.max(columns, 2));
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1)!;
  }
  return [...lines, line];
}

/**
 * Folds lines for a terminal of this many columns: wider lines break at blanks, and continuations are
 * indented by two more columns. A long word stays whole for copying. Without a width, lines stay as they are.
 */
export function foldLines(
  lines: readonly string[],
  columns: number | undefined,
): readonly string[] {
  if (columns === undefined) return lines;
  return lines.flatMap((line) => displayWidth(line) <= columns ? [line] : foldLine(line, columns));
}

/** Folds one line; below a branch of a tree, the branch continues on the new lines. */
function foldLine(line: string, columns: number): string[] {
  const before = /^[ │├└─]*/.exec(line)![0];
  const indent = before.replaceAll("├", "│").replace(/[└─]/g, " ") + "  ";
  const folded: string[] = [];
  let now = before;
  let isEmpty = true;
  for (const word of line.slice(before.length).split(" ")) {
    const longer = isEmpty ? now + word : `${now} ${word}`;
    if (isEmpty || displayWidth(longer) <= columns) now = longer;
    else {
      folded.push(now.trimEnd());
      now = indent + word;
    }
    isEmpty = false;
  }
  return [...folded, now];
}

function breakWord(word: string, columns: number): string[] {
  const pieces: string[] = [""];
  for (const character of word) {
    const longer = pieces.at(-1)! + character;
    if (displayWidth(longer) <= columns) pieces[pieces.length - 1] = longer;
    else pieces.push(character);
  }
  return pieces;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (MARK.test(character)) return 0;
  return EMOJI.test(character) || WIDE.some(([first, last]) => code >= first && code <= last)
    ? 2
    : 1;
}
