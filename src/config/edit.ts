/**
 * Changes to the config file that keep every other byte: comments, order, spacing, line ends.
 *
 * Each function takes a text and returns the changed one. The result is read back first: a change
 * with any other effect than the requested one is refused (`conflict`).
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { openConfig, type Section } from "./config_file.ts";
import type { IniEntry, IniSection } from "./ini.ts";
import { lineAt, skipSpace } from "./ini_lines.ts";
import { proveEdit } from "./prove_edit.ts";
import { renderHeader, type SectionName } from "./section_name.ts";

/** Adds a section at the end of the file, after a blank line. Throws `conflict` if the name exists. */
export function addSection(
  text: string,
  path: string,
  name: SectionName,
  settings: readonly (readonly [key: string, value: string])[],
): string {
  if (find(text, path, name) !== undefined) {
    throw refused(path, name, "it is already there");
  }
  const newline = newlineOf(text);
  const lines = [renderHeader(name), ...settings.map(([key, value]) => `${key} = ${value}`)];
  const isBare = text === "" || text === "\ufeff";
  const gap = isBare ? "" : endsLine(text) ? newline : newline + newline;
  const end = isBare || endsLine(text) ? newline : "";
  const after = text + gap + lines.join(newline) + end;
  return proveEdit(text, after, path, name, (map) => new Map([...map, ...settings]));
}

/** Sets a key of a section: in place if it exists, else in a new line after the section's last one. */
export function setKey(
  text: string,
  path: string,
  name: SectionName,
  key: string,
  value: string,
): string {
  const section = require(text, path, name);
  key = key.toLowerCase();
  const entry = section.parts.flatMap((part) => part.entries).findLast((e) => e.key === key);
  const after = entry === undefined
    ? insertEntry(text, section.parts.at(-1)!, `${key} = ${value}`)
    : replaceValue(text, entry, value);
  return proveEdit(text, after, path, name, (map) => new Map([...map, [key, value]]));
}

/** Removes every occurrence of a key from a section, with its continuation lines. */
export function removeKey(text: string, path: string, name: SectionName, key: string): string {
  const section = find(text, path, name);
  key = key.toLowerCase();
  const entries = section?.parts.flatMap((part) => part.entries).filter((e) => e.key === key) ?? [];
  if (entries.length === 0) return text;
  const after = cut(text, entries.flatMap((e) => [e.line, ...e.continuation]));
  return proveEdit(text, after, path, name, (map) => new Map([...map].filter(([k]) => k !== key)));
}

/**
 * Removes the settings for which `isMeant` is true from a file with any sections, with their
 * continuation lines. Throws `bad-config` for an unreadable file, and `conflict` if other text
 * would be read back differently.
 */
export function removeEntries(
  text: string,
  path: string,
  isMeant: (header: string, entry: IniEntry) => boolean,
): string {
  const sections = sectionsOf(text, path);
  const meant = sections.flatMap(({ header, entries }) =>
    entries.filter((e) => isMeant(header, e))
  );
  if (meant.length === 0) return text;
  const after = cut(text, meant.flatMap((entry) => [entry.line, ...entry.continuation]));
  const gone = new Set(meant);
  const describeAll = (all: readonly IniSection[]) =>
    JSON.stringify(all.map(({ header, entries }) => [
      header,
      entries.filter((entry) => !gone.has(entry)).map(({ key, value }) => [
        key,
        typeof value === "string" ? value : [...value],
      ]),
    ]));
  if (describeAll(sectionsOf(after, path)) === describeAll(sections)) return after;
  throw new VaultError(
    "conflict",
    `Cannot remove settings from ${quote(path)}: the others would be read back differently`,
  );
}

function sectionsOf(text: string, path: string): IniSection[] {
  return openConfig(text, path).sections();
}

/** A part of a text. */
export interface Range {
  readonly at: number;
  readonly next: number;
}

/** The text without the ranges, which are in order and do not overlap. */
export function cut(text: string, ranges: readonly Range[]): string {
  let kept = "";
  let from = 0;
  for (const { at, next } of ranges) {
    kept += text.slice(from, at);
    from = next;
  }
  return kept + text.slice(from);
}

/** Adds a setting in a new line after the last one of a section, with the same indentation. */
export function insertEntry(text: string, part: IniSection, setting: string): string {
  const last = part.entries.at(-1);
  const at = last?.continuation.at(-1)?.next ?? last?.line.next ?? part.line.next;
  const newline = newlineOf(text);
  const line = indentOf(text, last?.line.at ?? nextContent(text, at)) + setting;
  return endsLine(text.slice(0, at))
    ? text.slice(0, at) + line + newline + text.slice(at)
    : text.slice(0, at) + newline + line + text.slice(at);
}

/** The next line that is not blank: an empty section may be followed by an indented header. */
function nextContent(text: string, at: number): number {
  let line = lineAt(text, at);
  while (line.next < text.length && skipSpace(text, line.at, line.end) === line.end) {
    line = lineAt(text, line.next);
  }
  return line.at;
}

function indentOf(text: string, at: number): string {
  const { end } = lineAt(text, at);
  const content = skipSpace(text, at, end);
  return content === end ? "" : text.slice(at, content);
}

/** Replaces a value; a comment behind it on its line stays. */
export function replaceValue(text: string, entry: IniEntry, value: string): string {
  const { valueAt, valueEnd, continuation } = entry;
  const isTight = valueAt === valueEnd && /[=:]/.test(text[valueAt - 1]!);
  const inserted = isTight ? " " + value : value;
  const shift = inserted.length - (valueEnd - valueAt);
  return cut(
    text.slice(0, valueAt) + inserted + text.slice(valueEnd),
    continuation.map(({ at, next }) => ({ at: at + shift, next: next + shift })),
  );
}

function find(text: string, path: string, name: SectionName): Section | undefined {
  return openConfig(text, path).section(name);
}

function require(text: string, path: string, name: SectionName): Section {
  const section = find(text, path, name);
  if (section === undefined) throw refused(path, name, "there is no such section");
  return section;
}

function refused(path: string, { kind, name }: SectionName, why: string): VaultError {
  return new VaultError(
    "conflict",
    `Cannot change ${kind} ${quote(name)} in ${quote(path)}: ${why}`,
  );
}

/** The line end of the first line that has one. */
export function newlineOf(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
}

/** Whether a text ends with an end of line. */
export function endsLine(text: string): boolean {
  return text.endsWith("\n") || text.endsWith("\r");
}
