/**
 * A block of generated profiles in the config file, between two marker lines. Text in, text out:
 * every byte outside the block stays, and so does what others wrote into it.
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { openConfig } from "./config_file.ts";
import { cut, type Range, setKey } from "./edit.ts";
import { type IniSection, readSections } from "./ini.ts";
import { lineAt, skipSpace } from "./ini_lines.ts";
import { parseSectionName, renderHeader } from "./section_name.ts";

/** A profile to be generated. */
export interface GeneratedProfile {
  readonly name: string;
  /** Set in the profile in any case. */
  readonly settings: readonly (readonly [key: string, value: string])[];
  /** Set only in a new profile. */
  readonly initial: readonly (readonly [key: string, value: string])[];
}

/** The required content of the block. */
export interface BlockRequest {
  /** Names the block: one for each sso-session. */
  readonly session: string;
  readonly profiles: readonly GeneratedProfile[];
  /** Whether profiles of the block that are not in `profiles` are removed. */
  readonly prunes: boolean;
}

/** The text with the block, and what has changed. */
export interface Populated {
  readonly text: string;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Profiles of the block that are not in the request, and kept. */
  readonly stale: readonly string[];
  /** Requested profiles whose name exists outside the block; that section is not changed. */
  readonly taken: readonly string[];
  /** The changed lines, with `+` and `-`. */
  readonly diff: readonly string[];
}

/** Writes the block into a text. Throws `conflict` if its markers are not a pair, `bad-config` for unreadable text. */
export function populateBlock(text: string, path: string, request: BlockRequest): Populated {
  const place = findBlock(text, path, request.session);
  const outside = openConfig(place.before + place.after, path);
  const names = new Set(outside.profileNames());
  const taken = request.profiles.filter(({ name }) => names.has(name)).map(({ name }) => name);
  const wanted = request.profiles.filter(({ name }) => !names.has(name));
  const block = new Block(place.inner, path, newlineOf(text));
  for (const profile of wanted) block.update(profile);
  const stale = block.others(new Set(wanted.map(({ name }) => name)));
  if (request.prunes) block.remove(stale);
  block.add(wanted);
  const after = place.render(block.text);
  proveOutside(place, after, path);
  return {
    text: block.hasChanged ? after : text,
    added: block.added,
    changed: block.changed,
    removed: request.prunes ? stale : [],
    stale: request.prunes ? [] : stale,
    taken,
    diff: block.diff,
  };
}

/** The text between the markers, as a separate config file. */
class Block {
  text: string;
  hasChanged = false;
  readonly added: string[] = [];
  readonly changed: string[] = [];
  readonly diff: string[] = [];
  readonly #path: string;
  readonly #newline: string;
  #sections: ReadonlyMap<string, IniSection[]>;

  constructor(text: string, path: string, newline: string) {
    this.text = text;
    this.#path = path;
    this.#newline = newline;
    this.#sections = this.#read();
  }

  /** The profiles by name, each with its parts. */
  #read(): ReadonlyMap<string, IniSection[]> {
    const sections = openConfig(this.text, this.#path).sections();
    return Map.groupBy(sections, ({ header }) => {
      const name = parseSectionName(header);
      return name?.kind === "profile" ? name.name : "";
    });
  }

  /** Updates the settings of an existing profile. */
  update({ name, settings }: GeneratedProfile): void {
    const parts = this.#sections.get(name);
    if (parts === undefined) return;
    const entries = parts.flatMap(({ entries }) => entries);
    const said = new Map(entries.map(({ key, value }) => [key, value]));
    const wrong = settings.filter(([key, value]) => said.get(key) !== value);
    if (wrong.length === 0) return;
    this.diff.push(` ${renderHeader({ kind: "profile", name })}`);
    for (const [key, value] of wrong) {
      const before = said.get(key);
      if (before !== undefined) this.diff.push(`-${key} = ${before}`);
      this.diff.push(`+${key} = ${value}`);
      this.text = setKey(this.text, this.#path, { kind: "profile", name }, key, value);
    }
    this.changed.push(name);
    this.hasChanged = true;
    this.#sections = this.#read();
  }

  /** The profiles of the block that are not in `names`. */
  others(names: ReadonlySet<string>): string[] {
    return [...this.#sections.keys()].filter((name) => name !== "" && !names.has(name));
  }

  /** Removes profiles, with the blank lines after them; comments stay. */
  remove(names: readonly string[]): void {
    const parts = names.flatMap((name) => this.#sections.get(name) ?? []);
    if (parts.length === 0) return;
    const lines = parts.flatMap((part) => linesOfPart(this.text, part))
      .sort((a, b) => a.at - b.at);
    const gone = lines.map(({ at, next }) => this.text.slice(at, next).trimEnd());
    this.diff.push(...gone.filter((line) => line !== "").map((line) => `-${line}`));
    const left = cut(this.text, lines).trimEnd();
    this.text = left === "" ? "" : left + this.#newline;
    this.hasChanged = true;
    this.#sections = this.#read();
  }

  /** Adds the missing profiles, at the end. */
  add(profiles: readonly GeneratedProfile[]): void {
    const missing = profiles.filter(({ name }) => !this.#sections.has(name));
    if (missing.length === 0) return;
    const texts = missing.map(({ name, settings, initial }) => {
      const lines = [...settings, ...initial].map(([key, value]) => `${key} = ${value}`);
      const section = [renderHeader({ kind: "profile", name }), ...lines];
      this.diff.push(...section.map((line) => `+${line}`));
      return section.join(this.#newline) + this.#newline;
    });
    const isBare = this.text.trim() === "";
    this.text = (isBare ? "" : this.text.trimEnd() + this.#newline.repeat(2)) +
      texts.join(this.#newline);
    this.added.push(...missing.map(({ name }) => name));
    this.hasChanged = true;
    this.#prove(missing);
  }

  #prove(profiles: readonly GeneratedProfile[]): void {
    const sections = this.#read();
    for (const { name, settings, initial } of profiles) {
      const entries = sections.get(name)?.flatMap(({ entries }) => entries) ?? [];
      const said = JSON.stringify(entries.map(({ key, value }) => [key, value]));
      if (said === JSON.stringify([...settings, ...initial])) continue;
      throw new VaultError(
        "conflict",
        `Cannot add profile ${quote(name)} to ${
          quote(this.#path)
        }: it would be read back differently`,
      );
    }
  }
}

/** The lines of a section with the blank ones after them, without its comments. */
function linesOfPart(text: string, part: IniSection): Range[] {
  const lines: Range[] = [part.line];
  for (const entry of part.entries) lines.push(entry.line, ...entry.continuation);
  let line = lineAt(text, lines.at(-1)!.next);
  while (line.at < text.length && skipSpace(text, line.at, line.end) === line.end) {
    lines.push(line);
    line = lineAt(text, line.next);
  }
  return lines;
}

interface Place {
  readonly before: string;
  readonly inner: string;
  readonly after: string;
  render(inner: string): string;
}

const markOf = (session: string, which: "begin" | "end") =>
  ["# aws-vault sso populate", `${session}: ${which}`].join(" ");

function findBlock(text: string, path: string, session: string): Place {
  const newline = newlineOf(text);
  const [begin, end] = [markOf(session, "begin"), markOf(session, "end")];
  const [begins, ends] = [linesOf(text, begin), linesOf(text, end)];
  const [first, last] = [begins[0], ends[0]];
  if (begins.length + ends.length === 0) return newPlace(text, begin, end, newline);
  if (begins.length !== 1 || ends.length !== 1 || first!.next > last!.at) {
    throw new VaultError(
      "conflict",
      `Cannot change ${quote(path)}: the lines that mark what sso populate wrote are not paired`,
      { hints: [`Keep one line ${quote(begin)} followed by one line ${quote(end)}, or neither`] },
    );
  }
  const [before, inner] = [text.slice(0, first!.next), text.slice(first!.next, last!.at)];
  const after = text.slice(last!.at);
  return { before, inner, after, render: (changed) => before + changed + after };
}

/** At the end of the file, after a blank line. */
function newPlace(text: string, begin: string, end: string, newline: string): Place {
  const isBare = text === "" || text === "\ufeff";
  const gap = isBare ? "" : /[\r\n]$/.test(text) ? newline : newline + newline;
  return {
    before: text,
    inner: "",
    after: "",
    render: (inner) => `${text}${gap}${begin}${newline}${inner}${end}${newline}`,
  };
}

function linesOf(text: string, line: string): { at: number; next: number }[] {
  const found = text.matchAll(
    new RegExp(`^\\ufeff?${RegExp.escape(line)}[ \\t]*(?:\\r\\n|\\n|\\r|$)`, "gm"),
  );
  return [...found].map(({ index, 0: { length } }) => ({ at: index, next: index + length }));
}

/** Sections outside the block have the same settings as before, and there are no new ones. */
function proveOutside({ before, inner, after }: Place, text: string, path: string): void {
  const describe = (sections: readonly IniSection[]) =>
    sections.map(({ header, entries }) =>
      JSON.stringify([
        header,
        entries.map(({ key, value }) => [
          key,
          typeof value === "string" ? value : [...value],
        ]),
      ])
    );
  const read = (text: string) => readSections(text, text.startsWith("\ufeff") ? 1 : 0, () => {});
  const was = describe(read(before + inner + after));
  const ofBlock = new Set(describe(read(inner)));
  const is = new Set(describe(read(text)));
  if (was.every((section) => ofBlock.has(section) || is.has(section))) return;
  throw new VaultError(
    "conflict",
    `Cannot change ${
      quote(path)
    }: what is outside the generated profiles would be read differently`,
  );
}

function newlineOf(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
}
