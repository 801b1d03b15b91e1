/**
 * Lines and white space as in Python: botocore and the AWS CLI read AWS's dialect with Python's
 * `configparser`, so "white space" and "line end" are Python's and not JavaScript's.
 */

/** Python's `str.isspace()`: unlike JavaScript's, true for U+001C-001F and U+0085, false for U+FEFF. */
export function isSpace(code: number): boolean {
  if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) return true;
  if (code < 0x1c) return false;
  if (code <= 0x1f || code === 0x85 || code === 0xa0) return true;
  return code >= 0x1680 && UNICODE_SPACES.has(code);
}

const UNICODE_SPACES = new Set([
  ...[0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ...Array.from({ length: 11 }, (_, i) => 0x2000 + i),
]);

/** A line of a text: where it begins, where its content ends, and where the next line begins. */
export interface Line {
  readonly at: number;
  readonly end: number;
  readonly next: number;
}

/** The lines of a part of a text; LF, CRLF and a lone CR end a line. */
export function* linesOf(text: string, from: number, to: number): Generator<Line> {
  for (let at = from; at < to;) {
    const line = lineAt(text, at);
    yield line;
    at = line.next;
  }
}

/** The line that begins at the offset. */
export function lineAt(text: string, at: number): Line {
  for (let end = at; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x0a) return { at, end, next: end + 1 };
    if (code === 0x0d) return { at, end, next: end + (text.charCodeAt(end + 1) === 0x0a ? 2 : 1) };
  }
  return { at, end: text.length, next: text.length };
}

/** The offsets of the line starts in the text of the last call. */
let numbered = { text: "", starts: new Uint32Array([0]) };

/**
 * The number of the line that contains an offset, from 1.
 *
 * The lines of a text are counted once: a file with thousands of mistakes needs a place for each.
 */
export function lineNumber(text: string, offset: number): number {
  if (numbered.text !== text) {
    const starts = Uint32Array.from(linesOf(text, 0, text.length), (line) => line.at);
    numbered = { text, starts };
  }
  const { starts } = numbered;
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return Math.max(low, 1);
}

/** The first offset in a part of a text that is not white space, or the end of the part. */
export function skipSpace(text: string, from: number, to: number): number {
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  return from;
}

/** The offset after the last character of a part of a text that is not white space. */
export function trimEnd(text: string, from: number, to: number): number {
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return to;
}

/** The text without white space at its ends, as Python's `str.strip()`. */
export function strip(text: string): string {
  const from = skipSpace(text, 0, text.length);
  return text.slice(from, trimEnd(text, from, text.length));
}
