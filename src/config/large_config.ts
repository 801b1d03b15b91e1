/** A config file of which only the requested sections are read, if their places are known. */

import {
  type ConfigFile,
  indexKey,
  Lookups,
  openConfig,
  type Section,
  type Setting,
} from "./config_file.ts";
import type { IniEntry, IniSection } from "./ini.ts";
import type { SectionName } from "./section_name.ts";
import type { Place, Places } from "./section_places.ts";

/** How a large file is read. */
export interface LargeFile {
  readonly path: string;
  /** The places that are known. */
  readonly places: Places;
  /** The text at the places, one after the other; `undefined` if the file has changed since. */
  readParts(places: readonly Place[]): string | undefined;
  readWhole(): string;
}

/** A large config file, and the places of all sections that were requested. */
export interface LargeConfig extends ConfigFile {
  /** The known places and the new ones; `undefined` if no new ones were found. */
  newPlaces(): Places | undefined;
}

/** Opens a large config file; sections without a known place are found in the whole file. */
export function openLargeConfig(file: LargeFile): LargeConfig {
  return new PlacedConfig(file);
}

/**
 * A command that looks for more sections than this reads all of them, as `list` does: that does not
 * show which sections are used, and must not displace the places of those.
 */
const MOST_SEARCHES = 64;

class PlacedConfig extends Lookups implements LargeConfig {
  readonly path: string;
  readonly #file: LargeFile;
  readonly #places: Map<string, readonly Place[]>;
  #whole: ConfigFile | undefined;
  #searches = 0;

  constructor(file: LargeFile) {
    super();
    this.path = file.path;
    this.#file = file;
    this.#places = new Map(file.places);
  }

  get text(): string {
    return this.#readWhole().text;
  }

  profileNames(): string[] {
    return this.#readWhole().profileNames();
  }

  ssoSessionNames(): string[] {
    return this.#readWhole().ssoSessionNames();
  }

  hasProfile(name: string): boolean {
    const key = indexKey({ kind: "profile", name });
    const known = this.#places.get(key);
    if (known !== undefined) return known.length > 0;
    const isThere = this.#readWhole().hasProfile(name);
    if (!isThere && ++this.#searches <= MOST_SEARCHES) this.#places.set(key, []);
    return isThere;
  }

  sections(): IniSection[] {
    return this.#readWhole().sections();
  }

  newPlaces(): Places | undefined {
    const isNews = this.#searches > 0 && this.#searches <= MOST_SEARCHES;
    return isNews ? this.#places : undefined;
  }

  #readWhole(): ConfigFile {
    return this.#whole ??= openConfig(this.#file.readWhole(), this.path);
  }

  protected override readSection(wanted: SectionName): Section | undefined {
    const places = this.#places.get(indexKey(wanted));
    if (places?.length === 0) return undefined;
    return places && this.#readPlaces(wanted, places) || this.#search(wanted);
  }

  /** The section at its known places; `undefined` if they contain anything else, or a mistake. */
  #readPlaces(wanted: SectionName, places: readonly Place[]): Section | undefined {
    const text = this.#file.readParts(places);
    if (text === undefined) return undefined;
    try {
      const section = openConfig(text, this.path).section(wanted);
      const isWhole = section?.parts.length === places.length;
      return isWhole ? this.#withErrorsOfTheWhole(wanted, section) : undefined;
    } catch {
      // Only the whole file gives the number of the faulty line.
      return undefined;
    }
  }

  #search(wanted: SectionName): Section | undefined {
    const section = this.#readWhole().section(wanted);
    if (++this.#searches > MOST_SEARCHES) return section;
    this.#places.set(indexKey(wanted), section?.parts.map(placeOf) ?? []);
    return section;
  }

  /** Errors name lines, and edits need offsets: both require the whole file. */
  #withErrorsOfTheWhole(wanted: SectionName, section: Section): Section {
    const whole = () => this.#search(wanted) ?? section;
    const settings = [...section.settings].map(([key, setting]): [string, Setting] => [key, {
      key,
      value: setting.value,
      bad: (what) => (whole().settings.get(key) ?? setting).bad(what),
      place: () => (whole().settings.get(key) ?? setting).place(),
    }]);
    return {
      ...section,
      settings: new Map(settings),
      get parts() {
        return whole().parts;
      },
      bad: (what) => whole().bad(what),
    };
  }
}

function placeOf({ line, entries }: IniSection): Place {
  return { at: line.at, length: Math.max(line.next, ...entries.map(endOf)) - line.at };
}

function endOf({ line, continuation }: IniEntry): number {
  return (continuation.at(-1) ?? line).next;
}
