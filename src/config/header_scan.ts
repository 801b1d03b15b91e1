/**
 * Finding section headers without reading what is between them.
 *
 * A `[` in the first column begins a section wherever it stands. An indented one does only where it
 * continues no value, so what is before it is read to find out; such files are rare.
 */

import { headerOn, type OnBadLine, readSections } from "./ini.ts";
import { isSpace, lineAt, skipSpace } from "./ini_lines.ts";
import { parseSectionName, type SectionName } from "./section_name.ts";

/** A line with a section header, and the text between its brackets. */
export interface HeaderLine {
  readonly at: number;
  readonly header: string;
}

/** The lines with a section header, in order; all of the text is looked through. */
export function scanHeaders(text: string, from: number): HeaderLine[] {
  const headers: HeaderLine[] = [];
  for (let at = text.indexOf("[", from); at !== -1; at = text.indexOf("[", at + 1)) {
    const before = at === from ? 0x0a : text.charCodeAt(at - 1);
    if (!isSpace(before)) continue;
    const start = isLineEnd(before) ? at : lineStart(text, from, at);
    if (start !== at && skipSpace(text, start, at) !== at) continue;
    const header = headerAt(text, start);
    if (header !== "" && (start === at || beginsSection(text, from, start))) {
      headers.push({ at: start, header });
    }
  }
  return headers;
}

/**
 * The lines with a header that may name something in other words than it is written: with quotes, a
 * backslash or a tab. Found once for all lookups in a file.
 */
export function findOddHeaders(text: string, from: number): number[] {
  const odd: number[] = [];
  const pattern = /["'\\\t]/g;
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const start = lineStart(text, from, found.index);
    const { end } = lineAt(text, start);
    if (text.charCodeAt(skipSpace(text, start, end)) === 0x5b) odd.push(start);
    pattern.lastIndex = Math.max(end, found.index + 1);
  }
  return odd;
}

/**
 * The offsets of the headers of one name, in order.
 *
 * Besides the odd headers only those lines are looked at where the name stands as it is, which makes a
 * lookup among 100,000 profiles as quick as a search in the text.
 */
export function findHeaders(
  text: string,
  from: number,
  odd: readonly number[],
  wanted: SectionName,
): number[] {
  const { kind, name } = wanted;
  const starts = new Set(odd);
  // With what stands around it in a header: the name alone is also in every role that has it for its
  // source. As a pattern: for short names that is three times as quick as `indexOf`.
  const pattern = new RegExp(`[ []${RegExp.escape(name)} *\\]`, "g");
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    starts.add(lineStart(text, from, found.index));
  }
  return [...starts].sort((a, b) => a - b).filter((start) => {
    const found = parseSectionName(headerAt(text, start));
    return found?.kind === kind && found.name === name && isHeader(text, from, start);
  });
}

/** The text between the brackets on the line at the offset, empty where it is not a header. */
export function headerAt(text: string, start: number): string {
  const { end } = lineAt(text, start);
  return headerOn(text, skipSpace(text, start, end), end) ?? "";
}

/** Whether a line that begins with `[` is a section's header, and not a value or a stray bracket. */
function isHeader(text: string, from: number, start: number): boolean {
  if (headerAt(text, start) === "") return false;
  return text.charCodeAt(start) === 0x5b || beginsSection(text, from, start);
}

/** Whether an indented line with a header begins a section, and does not continue a value. */
function beginsSection(text: string, from: number, start: number): boolean {
  const ignore: OnBadLine = () => {};
  const around = readSections(text, headerBefore(text, from, start), ignore, {
    to: lineAt(text, start).next,
  });
  return around.at(-1)?.line.at === start;
}

/** The last header in the first column before a line, or the start of the text. */
function headerBefore(text: string, from: number, start: number): number {
  for (let at = text.lastIndexOf("[", start - 1); at > from; at = text.lastIndexOf("[", at - 1)) {
    if (isLineEnd(text.charCodeAt(at - 1)) && headerAt(text, at) !== "") return at;
  }
  return from;
}

function lineStart(text: string, from: number, at: number): number {
  while (at > from && !isLineEnd(text.charCodeAt(at - 1))) at--;
  return at;
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}
