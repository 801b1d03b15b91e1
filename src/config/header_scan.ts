/**
 * Finding section headers without reading what is between them, in a time that grows with the length of
 * the text only, whatever is in it: files come from shared repositories and programs, too.
 *
 * A `[` in the first column begins a section wherever it stands. An indented one does only where it
 * continues no value, which only those know who read all lines; such files are rare.
 */

import { headerOn, readSections } from "./ini.ts";
import { lineAt, skipSpace } from "./ini_lines.ts";
import { parseSectionName, type SectionKind, type SectionName } from "./section_name.ts";

/** A line with a section header, and the text between its brackets. */
export interface HeaderLine {
  readonly at: number;
  readonly header: string;
}

/** The lines with a section header, in order; all of the text is looked through. */
export function scanHeaders(text: string, from: number): HeaderLine[] {
  return scanPlainHeaders(text, from) ?? scanAnyHeaders(text, from);
}

/**
 * How nearly every header is written, on a line of its own in the first column. Patterns end lines at
 * U+2028 and U+2029, too: a text with one is not plain.
 */
const PLAIN_HEADER =
  // Any other "[" is a match of its own, which one look finds among all.
  // deno-lint-ignore no-control-regex -- these are white space to Python
  /^\[(?:(?:profile|sso-session|services) [^\s"'\\[\]\x1c-\x1f\x85]+|default)\]$|\[/gm;
const NO_LINE_ENDS = ["\u2028", "\u2029"];

/**
 * The headers of a text in which every `[` begins a plain one, brackets included; `undefined` for any
 * other. Twenty times as quick as to look at each, which `list` of 10,000 profiles shows.
 */
function plainHeaders(text: string): readonly string[] | undefined {
  if (NO_LINE_ENDS.some((character) => text.includes(character))) return undefined;
  const headers: readonly string[] = text.match(PLAIN_HEADER) ?? [];
  return headers.includes("[") ? undefined : headers;
}

/**
 * The names of a kind in a text with plain headers only, each once; `undefined` for any other text. To let
 * a pattern find the kind is five times as quick as to look at each header.
 */
export function plainNames(text: string, kind: SectionKind): string[] | undefined {
  if (plainHeaders(text) === undefined) return undefined;
  const unnamed = kind === "profile" ? "|^\\[default\\]$" : "";
  const headers = text.match(new RegExp(`^\\[${kind} .+\\]$${unnamed}`, "gm")) ?? [];
  const start = `[${kind} `.length;
  const names: string[] = [];
  for (const header of headers) {
    names.push(header.length > start + 1 ? header.slice(start, -1) : "default");
  }
  return [...new Set(names)];
}

/** The same with their places. */
function scanPlainHeaders(text: string, from: number): HeaderLine[] | undefined {
  const plain = plainHeaders(text);
  if (plain === undefined) return undefined;
  let at = from;
  return plain.map((header) => {
    at = text.indexOf("[", at);
    return { at: at++, header: header.slice(1, -1) };
  });
}

function scanAnyHeaders(text: string, from: number): HeaderLine[] {
  const headers: HeaderLine[] = [];
  for (let after = from, at = text.indexOf("[", from); at !== -1; at = text.indexOf("[", after)) {
    const start = lineStart(text, after, at);
    const { end, next } = lineAt(text, at);
    after = next;
    const header = skipSpace(text, start, at) === at ? headerOn(text, at, end) : undefined;
    if (header === undefined) continue;
    if (start !== at) return readHeaders(text, from);
    headers.push({ at, header });
  }
  return headers;
}

/** As {@linkcode scanHeaders}, for a text with an indented header: by reading every line. */
function readHeaders(text: string, from: number): HeaderLine[] {
  return readSections(text, from, () => {}).map(({ header, line }) => ({ at: line.at, header }));
}

/**
 * The lines with a header that may name something in other words than it is written: with quotes, a
 * backslash or a tab. Found once for all lookups in a file.
 */
export function findOddHeaders(text: string, from: number): number[] {
  return linesWith(text, from, /["'\\\t]/g).filter((start) => headerAt(text, start) !== "");
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
  // With what stands around it in a header: the name alone is also in every role that has it for its
  // source. As a pattern: for short names that is three times as quick as `indexOf`.
  const pattern = new RegExp(`[ []${RegExp.escape(wanted.name)} *\\]`, "g");
  const isWanted = (header: string) => {
    const found = parseSectionName(header);
    return found?.kind === wanted.kind && found.name === wanted.name;
  };
  const starts = [...new Set([...odd, ...linesWith(text, from, pattern)])].sort((a, b) => a - b)
    .filter((start) => isWanted(headerAt(text, start)));
  if (starts.every((start) => text[start] === "[")) return starts;
  return readHeaders(text, from).filter(({ header }) => isWanted(header)).map(({ at }) => at);
}

/** The text between the brackets on the line at the offset, empty where it is not a header. */
export function headerAt(text: string, start: number): string {
  const { end } = lineAt(text, start);
  return headerOn(text, skipSpace(text, start, end), end) ?? "";
}

/** The offsets of the lines with a match of the pattern, each once: it is searched on in the next line. */
function linesWith(text: string, from: number, pattern: RegExp): number[] {
  const starts: number[] = [];
  let after = from;
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const start = lineStart(text, after, found.index);
    starts.push(start);
    after = Math.max(lineAt(text, start).next, found.index + 1);
    pattern.lastIndex = after;
  }
  return starts;
}

function lineStart(text: string, from: number, at: number): number {
  while (at > from && !isLineEnd(text.charCodeAt(at - 1))) at--;
  return at;
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}
