/**
 * Reads AWS's dialect of INI losslessly: every section and setting keeps its position in the text.
 *
 * The rules are those of Python's `configparser` as botocore uses it (`configloader.raw_config_parse`), with
 * four exceptions for the files of aws-vault's users (see `tests/interop`): an inline comment ends a value, a
 * byte order mark is skipped, duplicates merge, and `[DEFAULT]` is not special.
 */

import { VaultError } from "../errors.ts";
import { isSpace, type Line, lineAt, lineNumber, skipSpace, strip, trimEnd } from "./ini_lines.ts";

/** A setting: `key = value`, with its continuation lines. */
export interface IniEntry {
  /** In lower case. */
  readonly key: string;
  /** Text, its lines joined by LF; or a map, for a block of indented `name = value` lines. */
  readonly value: string | ReadonlyMap<string, string>;
  /** The line of the key. */
  readonly line: Line;
  /** The bytes of the value on that line, without white space and comment. */
  readonly valueAt: number;
  readonly valueEnd: number;
  /** The continuation lines, without blank lines and comments. */
  readonly continuation: readonly Line[];
}

/** A section: its header and its content. */
export interface IniSection {
  /** The text between the brackets, as written. */
  readonly header: string;
  readonly line: Line;
  readonly entries: readonly IniEntry[];
}

/** Receives a line that cannot be understood; if it returns, the line is skipped. */
export type OnBadLine = (offset: number, what: string) => void;

/** The error about a place in a file: `Cannot read /home/a/.aws/config:3: …`. */
export function badLine(path: string, text: string, offset: number, what: string): VaultError {
  const place = `${path}:${lineNumber(text, offset)}`;
  return new VaultError("bad-config", `Cannot read ${place}: ${what}`);
}

/**
 * Reads the sections of a text from a line on, up to an offset or to a number of sections. With
 * `most: 0` it reads only the lines before the first section. Throws only what `onBadLine` throws.
 */
export function readSections(
  text: string,
  from: number,
  onBadLine: OnBadLine,
  { to = text.length, most = Infinity }: { to?: number; most?: number } = {},
): IniSection[] {
  const sections: (IniSection & { entries: IniEntry[] })[] = [];
  let draft: EntryDraft | undefined;
  let indent = 0;
  const finish = () => {
    if (draft !== undefined) sections.at(-1)!.entries.push(finishEntry(text, draft, onBadLine));
    draft = undefined;
  };
  for (let line = lineAt(text, from); line.at < to; line = lineAt(text, line.next)) {
    const at = skipSpace(text, line.at, line.end);
    if (isComment(text, at) && at < line.end) continue;
    if (at === line.end) {
      draft?.lines.push(undefined);
      continue;
    }
    if (draft !== undefined && at - line.at > indent) {
      draft.lines.push(line);
      continue;
    }
    indent = at - line.at;
    const header = headerOn(text, at, line.end);
    if (header !== undefined) {
      if (sections.length >= most) break;
      finish();
      sections.push({ header, line, entries: [] });
    } else if (sections.length === 0) {
      onBadLine(line.at, "there is a line before the first section");
    } else {
      const next = beginEntry(text, at, line);
      if (next === undefined) {
        onBadLine(line.at, 'a line is neither a section, nor "name = value", nor a comment');
      } else {
        finish();
        draft = next;
      }
    }
  }
  finish();
  return sections;
}

/**
 * The text between the brackets of a header. It ends at the last `]` of the line, or at one that a
 * comment follows: `[profile a] # see [1]` is the profile `a`.
 */
export function headerOn(text: string, at: number, end: number): string | undefined {
  if (text.charCodeAt(at) !== 0x5b) return undefined;
  // In the line alone: for every line without a bracket, a search would run to the end of the text.
  const line = text.slice(at, end);
  let close = -1;
  for (let i = line.indexOf("]", 2); i !== -1; i = line.indexOf("]", i + 1)) {
    close = i;
    const next = skipSpace(line, i + 1, line.length);
    if (next > i + 1 && next < line.length && isComment(line, next)) break;
  }
  return close === -1 ? undefined : line.slice(1, close);
}

interface EntryDraft {
  readonly key: string;
  readonly line: Line;
  /** Where the value begins on the first line. */
  readonly valueAt: number;
  /** The lines after the first one; `undefined` for a blank line. */
  readonly lines: (Line | undefined)[];
}

/** Reads `key = value` or `key: value`; the first of the two signs counts. */
function beginEntry(text: string, at: number, line: Line): EntryDraft | undefined {
  const sign = text.slice(at, line.end).search(/[=:]/);
  if (sign < 1) return undefined;
  const key = text.slice(at, trimEnd(text, at, at + sign)).toLowerCase();
  return { key, line, valueAt: at + sign + 1, lines: [] };
}

function finishEntry(text: string, draft: EntryDraft, onBadLine: OnBadLine): IniEntry {
  const { key, line } = draft;
  const begin = skipSpace(text, draft.valueAt, line.end);
  const valueEnd = contentEnd(text, draft.valueAt, line.end, quotedEnd(text, begin, line.end));
  const valueAt = Math.min(begin, valueEnd);
  if (draft.lines.length === 0) {
    return { key, value: text.slice(valueAt, valueEnd), line, valueAt, valueEnd, continuation: [] };
  }
  const parts = draft.lines.map((more) =>
    more === undefined ? "" : strip(text.slice(more.at, contentEnd(text, more.at, more.end)))
  );
  const joined = [text.slice(valueAt, valueEnd), ...parts].join("\n");
  const whole = joined.slice(0, trimEnd(joined, 0, joined.length));
  const continuation = draft.lines.filter((more) => more !== undefined);
  const value = whole.startsWith("\n") ? readNested(draft, parts, onBadLine) : whole;
  return { key, value, line, valueAt, valueEnd, continuation };
}

/** Reads the block under `s3 =` or `sts =`: one level, names as written. */
function readNested(
  draft: EntryDraft,
  parts: readonly string[],
  onBadLine: OnBadLine,
): ReadonlyMap<string, string> {
  const nested = new Map<string, string>();
  parts.forEach((part, i) => {
    for (const piece of part.split(PYTHON_LINE_ENDS).map(strip)) {
      if (piece === "") continue;
      const sign = piece.indexOf("=");
      if (sign === -1) {
        onBadLine(draft.lines[i]!.at, `a line of the block under "${draft.key}" has no "="`);
      } else {
        nested.set(strip(piece.slice(0, sign)), strip(piece.slice(sign + 1)));
      }
    }
  });
  return nested;
}

/** The characters besides LF and CR at which Python's `str.splitlines()` splits. */
// deno-lint-ignore no-control-regex -- these are line ends to Python
const PYTHON_LINE_ENDS = /[\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/;

/** The offset after a closed quotation at the start of a value, if there is one: no comment begins in it. */
function quotedEnd(text: string, from: number, to: number): number {
  const quote = text[from];
  if (from >= to || quote === undefined || !"\"'`".includes(quote)) return from;
  const close = text.slice(from + 1, to).indexOf(quote);
  return close < 0 ? from : from + close + 2;
}

/** Where a value ends: before white space followed by `#` or `;`, else before the white space at the end. */
function contentEnd(text: string, from: number, to: number, searchFrom = from): number {
  for (let i = Math.max(from, searchFrom); i < to; i++) {
    if (isComment(text, i) && i > from && isSpace(text.charCodeAt(i - 1))) {
      return trimEnd(text, from, i);
    }
  }
  return trimEnd(text, from, to);
}

function isComment(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x23 || code === 0x3b;
}
