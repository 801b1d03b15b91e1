/**
 * Finds section headers without reading the lines between them, in a time linear in the length of
 * any text: files come from shared repositories and programs, too.
 *
 * A `[` in the first column always begins a section. An indented one does so only if it does not
 * continue a value, which requires reading all lines; such files are rare.
 */

import { headerOn, readSections } from "./ini.ts";
import { lineAt, skipSpace } from "./ini_lines.ts";
import { parseSectionName, type SectionKind, type SectionName } from "./section_name.ts";

/** A line with a section header, and the text between its brackets. */
export interface HeaderLine {
  readonly at: number;
  readonly header: string;
}

/** The lines with a section header, in order; searches all of the text. */
export function scanHeaders(text: string, from: number): HeaderLine[] {
  return hasPlainHeaders(text) ? scanPlainHeaders(text, from) : scanAnyHeaders(text, from);
}

/**
 * Any `[` but that of a plain header, the form of nearly every one: on a separate line in the first column,
 * with a name that is written as it is. Patterns end lines at U+2028 and U+2029, too: a text with one is not
 * plain.
 */
const OTHER_BRACKET =
  // deno-lint-ignore no-control-regex -- these are white space to Python
  /(?<!^)\[|^\[(?!(?:(?:profile|sso-session|services) [^\s"'\\[\]\x1c-\x1f\x85]+|default)\]$)/m;
const NO_LINE_ENDS = ["\u2028", "\u2029"];

/**
 * Whether every `[` of a text begins a plain header. One check of the text is quicker than one of each
 * header, which matters for `list` of 10,000 profiles.
 */
function hasPlainHeaders(text: string): boolean {
  return !NO_LINE_ENDS.some((character) => text.includes(character)) && !OTHER_BRACKET.test(text);
}

/**
 * The names of a kind in a text with plain headers only, each once; `undefined` for any other text.
 * Nothing is made of a header but its name: a list of all headers would take twice as long.
 */
export function plainNames(text: string, kind: SectionKind): string[] | undefined {
  if (!hasPlainHeaders(text)) return undefined;
  const start = `[${kind} `;
  const names: string[] = [];
  for (let at = text.indexOf("["); at !== -1; at = text.indexOf("[", at + 1)) {
    if (text.startsWith(start, at)) {
      names.push(text.slice(at + start.length, text.indexOf("]", at)));
    } else if (kind === "profile" && text.startsWith("[default]", at)) names.push("default");
  }
  const distinct = new Set(names);
  return distinct.size === names.length ? names : [...distinct];
}

function scanPlainHeaders(text: string, from: number): HeaderLine[] {
  const headers: HeaderLine[] = [];
  for (let at = text.indexOf("[", from); at !== -1; at = text.indexOf("[", at + 1)) {
    headers.push({ at, header: text.slice(at + 1, text.indexOf("]", at)) });
  }
  return headers;
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

/** As {@linkcode scanHeaders}, for a text with an indented header: reads every line. */
function readHeaders(text: string, from: number): HeaderLine[] {
  return readSections(text, from, () => {}).map(({ header, line }) => ({ at: line.at, header }));
}

/**
 * The lines with a header whose name may differ from its text: with quotes, a backslash or a tab.
 * Found once for all lookups in a file.
 */
export function findOddHeaders(text: string, from: number): number[] {
  return linesWith(text, from, /["'\\\t]/g).filter((start) => headerAt(text, start) !== "");
}

/**
 * The offsets of the headers of one name, in order.
 *
 * Besides the odd headers, only lines with the literal name are checked: a lookup among 100,000
 * profiles is as fast as a text search.
 */
export function findHeaders(
  text: string,
  from: number,
  odd: readonly number[],
  wanted: SectionName,
): number[] {
  // The name with its surroundings in a header: the name alone also occurs in every role that has
  // it as its source. A pattern is three times as fast as `indexOf` for short names.
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

/** The text between the brackets on the line at the offset; empty if it is not a header. */
export function headerAt(text: string, start: number): string {
  const { end } = lineAt(text, start);
  return headerOn(text, skipSpace(text, start, end), end) ?? "";
}

/** The offsets of the lines with a match of the pattern, each once: the search continues on the next line. */
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
