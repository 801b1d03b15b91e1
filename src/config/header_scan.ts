/** Finding the section headers of a file, and among them one name, without reading what is between. */

import { headerOn, type OnBadLine, readSections } from "./ini.ts";
import { isSpace, lineAt, skipSpace } from "./ini_lines.ts";
import { parseSectionName, type SectionName } from "./section_name.ts";

/**
 * The offsets of the lines with a section header, in order.
 *
 * A `[` in the first column begins a section wherever it stands. An indented one does only where it
 * continues no value, so the part of the file around it is read to find out; such files are rare.
 */
export function scanHeaders(text: string, from: number): number[] {
  const headers: number[] = [];
  const indented: number[] = [];
  for (let at = text.indexOf("[", from); at !== -1; at = text.indexOf("[", at + 1)) {
    const before = at === from ? 0x0a : text.charCodeAt(at - 1);
    if (isLineEnd(before)) {
      if (isHeader(text, at)) headers.push(at);
    } else if (isSpace(before) && isFirstOnLine(text, from, at)) {
      indented.push(at);
    }
  }
  return indented.length === 0 ? headers : withIndented(text, from, headers, indented);
}

/** The headers, of those given, that are of the name. */
export function findHeaders(
  text: string,
  headers: readonly number[],
  wanted: SectionName,
): number[] {
  return headers.filter((at) =>
    mayName(text, at, wanted) && isSame(parseSectionName(headerAt(text, at)), wanted)
  );
}

/** The text between the brackets of the header on the line at the offset. */
export function headerAt(text: string, at: number): string {
  const { end } = lineAt(text, at);
  return headerOn(text, skipSpace(text, at, end), end) ?? "";
}

/**
 * Whether a header is worth reading: it is not when it is plainly written (`[profile other]`: one space,
 * no quotes, no backslash) and the name is not there. This is what makes a lookup among 100,000 quick.
 */
function mayName(text: string, at: number, { kind, name }: SectionName): boolean {
  if (text.charCodeAt(at) !== 0x5b) return true;
  if (!text.startsWith(kind, at + 1)) {
    return name === "default" && text.startsWith("default]", at + 1);
  }
  const nameAt = at + kind.length + 2;
  return text.startsWith(name, nameAt) || text.charCodeAt(nameAt - 1) !== 0x20 ||
    !isPlain(text, nameAt);
}

function isPlain(text: string, from: number): boolean {
  for (let i = from;; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5d) return i + 1 === text.length || isLineEnd(text.charCodeAt(i + 1));
    if (code === 0x22 || code === 0x27 || code === 0x5c || isSpace(code)) return false;
  }
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

function isSame(a: SectionName | undefined, b: SectionName): boolean {
  return a !== undefined && a.kind === b.kind && a.name === b.name;
}

function isHeader(text: string, at: number): boolean {
  return headerOn(text, at, lineAt(text, at).end) !== undefined;
}

function isFirstOnLine(text: string, from: number, at: number): boolean {
  for (let i = at - 1; i >= from; i--) {
    const code = text.charCodeAt(i);
    if (isLineEnd(code)) return true;
    if (!isSpace(code)) return false;
  }
  return true;
}

/** Adds those indented headers that are headers, by reading from the last certain header on. */
function withIndented(
  text: string,
  from: number,
  headers: readonly number[],
  indented: readonly number[],
): number[] {
  const starts = [from, ...headers];
  const found = new Set(headers);
  let block = 0;
  let lastRead = -1;
  const ignore: OnBadLine = () => {};
  for (const at of indented) {
    while (block + 1 < starts.length && starts[block + 1]! < at) block++;
    if (block === lastRead) continue;
    lastRead = block;
    const sections = readSections(text, starts[block]!, starts[block + 1] ?? text.length, ignore);
    for (const { line } of sections) found.add(line.at);
  }
  return [...found].sort((a, b) => a - b);
}
