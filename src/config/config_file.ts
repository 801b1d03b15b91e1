/** The shared config file: its sections by name, each read when it is asked for. */

import type { VaultError } from "../errors.ts";
import { findHeaders, headerAt, scanHeaders } from "./header_scan.ts";
import { badLine, type IniEntry, type IniSection, readSections } from "./ini.ts";
import { parseSectionName, type SectionKind, type SectionName } from "./section_name.ts";

/** A setting and where it stands. */
export interface Setting {
  readonly key: string;
  /** A text, or a map for a nested block. */
  readonly value: string | ReadonlyMap<string, string>;
  /** An error about this setting, which names file and line. */
  bad(what: string): VaultError;
}

/** The settings of one name, duplicate sections and keys merged, the later one winning. */
export interface Section {
  readonly kind: SectionKind;
  readonly name: string;
  readonly settings: ReadonlyMap<string, Setting>;
  /** The parts of the file it was read from, for edits and for `doctor`. */
  readonly parts: readonly IniSection[];
  /** An error about this section, which names file and line. */
  bad(what: string): VaultError;
}

/**
 * The text of a config file, looked up by section.
 *
 * All methods throw `VaultError` `bad-config`, naming file and line, for what they have to read and
 * cannot; a mistake in a section that nobody asks for goes unnoticed, on purpose: files of many
 * thousand profiles exist, and one call needs a few of them.
 */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** The names of the profiles in the order of the file, each once; `default` where it has a section. */
  profileNames(): string[];
  hasProfile(name: string): boolean;
  /** `[profile name]`, for `default` also `[default]`: the later of them, as in botocore. */
  profile(name: string): Section | undefined;
  /** `[sso-session name]`. */
  ssoSession(name: string): Section | undefined;
  /** `[services name]`. */
  services(name: string): Section | undefined;
  /** Every section of the file as it stands, of whatever kind; throws on the first mistake in the file. */
  sections(): IniSection[];
}

/** Lookups that go through all headers before an index of them is made. */
const LOOKUPS_WITHOUT_INDEX = 8;

/** Opens a config file; only its section headers are looked for, and that at the first lookup. */
export function openConfig(text: string, path: string): ConfigFile {
  const from = text.startsWith("\ufeff") ? 1 : 0;
  let headers: readonly number[] | undefined;
  let index: ReadonlyMap<string, number[]> | undefined;
  let lookups = 0;

  const bad = (offset: number, what: string) => badLine(path, text, offset, what);
  const fail = (offset: number, what: string): never => {
    throw bad(offset, what);
  };
  const allHeaders = () => {
    headers ??= scanHeaders(text, from);
    return headers;
  };
  const find = (wanted: SectionName) => {
    if (index === undefined && ++lookups > LOOKUPS_WITHOUT_INDEX) {
      index = indexHeaders(text, allHeaders());
    }
    return index === undefined
      ? findHeaders(text, allHeaders(), wanted)
      : index.get(indexKey(wanted)) ?? [];
  };
  const section = (wanted: SectionName) => {
    readSections(text, from, allHeaders()[0] ?? text.length, fail);
    const found = find(wanted);
    const last = found.at(-1);
    if (last === undefined) return undefined;
    const header = headerAt(text, last);
    const parts = found.filter((at) => headerAt(text, at) === header)
      .map((at) => readSections(text, at, endOf(allHeaders(), at, text.length), fail)[0]!);
    return mergeParts(wanted, parts, bad);
  };

  return {
    path,
    text,
    profileNames: () => [
      ...new Set(
        allHeaders().map((at) => parseSectionName(headerAt(text, at)))
          .filter((name) => name?.kind === "profile").map((name) => name!.name),
      ),
    ],
    hasProfile: (name) => find({ kind: "profile", name }).length > 0,
    profile: (name) => section({ kind: "profile", name }),
    ssoSession: (name) => section({ kind: "sso-session", name }),
    services: (name) => section({ kind: "services", name }),
    sections: () => readSections(text, from, text.length, fail),
  };
}

function indexHeaders(text: string, headers: readonly number[]): ReadonlyMap<string, number[]> {
  const index = new Map<string, number[]>();
  for (const at of headers) {
    const name = parseSectionName(headerAt(text, at));
    if (name === undefined) continue;
    const known = index.get(indexKey(name));
    if (known === undefined) index.set(indexKey(name), [at]);
    else known.push(at);
  }
  return index;
}

function indexKey({ kind, name }: SectionName): string {
  return `${kind} ${name}`;
}

/** Where the section whose header is at the offset ends: at the next header, found by halving. */
function endOf(headers: readonly number[], at: number, end: number): number {
  let low = 0;
  let high = headers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (headers[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return headers[low] ?? end;
}

function mergeParts(
  { kind, name }: SectionName,
  parts: readonly IniSection[],
  bad: (offset: number, what: string) => VaultError,
): Section {
  const settings = new Map<string, Setting>();
  for (const entry of parts.flatMap((part): readonly IniEntry[] => part.entries)) {
    const { key, value, line } = entry;
    settings.set(key, { key, value, bad: (what) => bad(line.at, what) });
  }
  return { kind, name, settings, parts, bad: (what) => bad(parts[0]!.line.at, what) };
}
