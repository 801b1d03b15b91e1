/** The shared config file: its sections by name, each read on request. */

import type { VaultError } from "../errors.ts";
import {
  findHeaders,
  findOddHeaders,
  headerAt,
  type HeaderLine,
  plainNames,
  scanHeaders,
} from "./header_scan.ts";
import { badLine, type IniEntry, type IniSection, readSections } from "./ini.ts";
import { parseSectionName, type SectionKind, type SectionName } from "./section_name.ts";

/** A setting and its place in the file. */
export interface Setting {
  readonly key: string;
  /** Text, or a map for a nested block. */
  readonly value: string | ReadonlyMap<string, string>;
  /** An error about this setting, which names file and line. */
  bad(what: string): VaultError;
  /** Its file and line, for messages: `/home/a/.aws/config:3`. */
  place(): string;
}

/** The settings of one name, with duplicate sections and keys merged; the later one wins. */
export interface Section {
  readonly kind: SectionKind;
  readonly name: string;
  readonly settings: ReadonlyMap<string, Setting>;
  /** The parts of the file that it was read from, for edits and for `doctor`. */
  readonly parts: readonly IniSection[];
  /** An error about this section, which names file and line. */
  bad(what: string): VaultError;
}

/**
 * The text of a config file, looked up by section.
 *
 * All methods throw `VaultError` `bad-config`, with file and line, for text that they need and
 * cannot read. A mistake in a section that is not requested goes unnoticed, on purpose: files of
 * many thousand profiles exist, and one call needs a few of them.
 */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** The names of the profiles in file order, each once; `default` if it has a section. */
  profileNames(): string[];
  hasProfile(name: string): boolean;
  /** The section of a kind and name. */
  section(name: SectionName): Section | undefined;
  /** `[profile name]`; for `default` also `[default]`: the later of them, as in botocore. */
  profile(name: string): Section | undefined;
  /** `[sso-session name]`. */
  ssoSession(name: string): Section | undefined;
  /** The names of the sections `[sso-session name]` in file order, each once. */
  ssoSessionNames(): string[];
  /** `[services name]`. */
  services(name: string): Section | undefined;
  /** Every section of the file, of any kind, in file order; throws on the first mistake in the file. */
  sections(): IniSection[];
}

/** The number of names that are looked up by text search before all headers are indexed. */
const SEARCHES_BEFORE_INDEX = 8;

/** Texts up to this size are indexed at once: the search is for files of thousands of profiles. */
const SMALL_TEXT = 4096;

/** Opens a config file; nothing is read before the first lookup. */
export function openConfig(text: string, path: string): ConfigFile {
  return new LazyConfig(text, path);
}

/** The lookups of any config file, by kind of section; each section is read once. */
export abstract class Lookups {
  readonly #sections = new Map<string, Section | undefined>();

  profile(name: string): Section | undefined {
    return this.section({ kind: "profile", name });
  }

  ssoSession(name: string): Section | undefined {
    return this.section({ kind: "sso-session", name });
  }

  services(name: string): Section | undefined {
    return this.section({ kind: "services", name });
  }

  section(wanted: SectionName): Section | undefined {
    const key = indexKey(wanted);
    if (!this.#sections.has(key)) this.#sections.set(key, this.readSection(wanted));
    return this.#sections.get(key);
  }

  /** Whether the section was already read and exists. */
  protected isKnown(wanted: SectionName): boolean {
    return this.#sections.get(indexKey(wanted)) !== undefined;
  }

  protected abstract readSection(wanted: SectionName): Section | undefined;
}

class LazyConfig extends Lookups implements ConfigFile {
  readonly path: string;
  readonly text: string;
  /** After the byte order mark, if there is one. */
  readonly #from: number;
  #oddHeaders: readonly number[] | undefined;
  #index: ReadonlyMap<string, number[]> | undefined;
  #searches = 0;

  constructor(text: string, path: string) {
    super();
    this.text = text;
    this.path = path;
    this.#from = text.startsWith("\ufeff") ? 1 : 0;
  }

  profileNames(): string[] {
    return this.#names("profile");
  }

  ssoSessionNames(): string[] {
    return this.#names("sso-session");
  }

  #names(kind: SectionKind): string[] {
    const plain = this.#index === undefined ? plainNames(this.text, kind) : undefined;
    if (plain !== undefined) {
      this.#checkStart();
      return plain;
    }
    const index = this.#indexed();
    const prefix = indexKey({ kind, name: "" });
    return [...index.keys()].filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }

  hasProfile(name: string): boolean {
    const wanted: SectionName = { kind: "profile", name };
    return this.isKnown(wanted) || this.#find(wanted).length > 0;
  }

  sections(): IniSection[] {
    return readSections(this.text, this.#from, this.#fail);
  }

  readonly #bad = (offset: number, what: string): VaultError =>
    badLine(this.path, this.text, offset, what);

  readonly #fail = (offset: number, what: string): never => {
    throw this.#bad(offset, what);
  };

  protected override readSection(wanted: SectionName): Section | undefined {
    const found = this.#find(wanted);
    if (found.length === 0) return undefined;
    // Duplicates merge; of several spellings ([default], [profile default]) the one that begins last counts.
    const header = [...new Set(found.map((at) => headerAt(this.text, at)))].at(-1);
    const parts = found.filter((at) => headerAt(this.text, at) === header)
      .flatMap((at) => readSections(this.text, at, this.#fail, { most: 1 }));
    return mergeParts(wanted, parts, this.#bad);
  }

  #find(wanted: SectionName): readonly number[] {
    const isSmall = this.text.length < SMALL_TEXT;
    if (isSmall || this.#index !== undefined || this.#searches >= SEARCHES_BEFORE_INDEX) {
      return this.#indexed().get(indexKey(wanted)) ?? [];
    }
    if (this.#searches++ === 0) this.#checkStart();
    this.#oddHeaders ??= findOddHeaders(this.text, this.#from);
    return findHeaders(this.text, this.#from, this.#oddHeaders, wanted);
  }

  #indexed(): ReadonlyMap<string, number[]> {
    if (this.#index === undefined) this.#checkStart();
    return this.#index ??= indexHeaders(scanHeaders(this.text, this.#from));
  }

  /** Settings before the first section belong to no profile: then it is not a config file. */
  #checkStart(): void {
    readSections(this.text, this.#from, this.#fail, { most: 0 });
  }
}

function indexHeaders(headers: readonly HeaderLine[]): ReadonlyMap<string, number[]> {
  const index = new Map<string, number[]>();
  for (const { at, header } of headers) {
    const name = parseSectionName(header);
    if (name === undefined) continue;
    const key = indexKey(name);
    const known = index.get(key);
    if (known === undefined) index.set(key, [at]);
    else known.push(at);
  }
  return index;
}

/** A section's kind and name as one text: its key in maps. */
export function indexKey({ kind, name }: SectionName): string {
  return `${kind} ${name}`;
}

/** A class, not an object with a separate closure: `list` makes 100,000 of them. */
class FileSetting implements Setting {
  readonly key: string;
  readonly value: Setting["value"];
  readonly #at: number;
  readonly #bad: (offset: number, what: string) => VaultError;

  constructor({ key, value, line }: IniEntry, bad: (offset: number, what: string) => VaultError) {
    this.key = key;
    this.value = value;
    this.#at = line.at;
    this.#bad = bad;
  }

  bad(what: string): VaultError {
    return this.#bad(this.#at, what);
  }

  place(): string {
    // The message of such an error consists of the place and the description, here empty.
    return this.#bad(this.#at, "").message.replace(/^Cannot read (.*): $/s, "$1");
  }
}

function mergeParts(
  { kind, name }: SectionName,
  parts: readonly IniSection[],
  bad: (offset: number, what: string) => VaultError,
): Section {
  const settings = new Map<string, Setting>();
  for (const entry of parts.flatMap((part): readonly IniEntry[] => part.entries)) {
    settings.set(entry.key, new FileSetting(entry, bad));
  }
  return { kind, name, settings, parts, bad: (what) => bad(parts[0]!.line.at, what) };
}
