/** Proves that a change of a config file has the requested effect, and no other. */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { type IniSection, readSections } from "./ini.ts";
import { parseSectionName, type SectionName } from "./section_name.ts";

/** The settings of a section, by key. */
export type SectionMap = ReadonlyMap<string, string | ReadonlyMap<string, string>>;

/**
 * Returns the changed text if the section now has what `change` makes of its earlier settings,
 * every other section is still there and unchanged, and there are no new lines that cannot be
 * understood; otherwise throws `conflict`.
 *
 * This catches values (line ends, ` #`) and names that are read back differently, and files whose
 * indentation gives a line another meaning when its neighbour is removed.
 */
export function proveEdit(
  before: string,
  after: string,
  path: string,
  name: SectionName,
  change: (map: SectionMap) => SectionMap,
): string {
  const key = keyOf(name);
  const [was, is] = [readAll(before), readAll(after)];
  was.said.set(key, change(was.said.get(key) ?? new Map()));
  const others = ({ keys }: Reading) => JSON.stringify(keys.filter((other) => other !== key));
  const isMeant = canonical(is.said) === canonical(was.said) && others(is) === others(was);
  if (isMeant && is.badLines <= was.badLines) return after;
  throw new VaultError(
    "conflict",
    `Cannot change ${name.kind} ${quote(name.name)} in ${
      quote(path)
    }: it would be read back differently`,
    { hints: ["Names and values are one line, without a comment sign (# or ;) after a space"] },
  );
}

/** The content of a text. */
interface Reading {
  /** Known kinds of section by name, others by header, duplicates merged. */
  readonly said: Map<string, SectionMap>;
  /** The same keys in the order of the file, one for each header. */
  readonly keys: readonly string[];
  /** How many lines cannot be understood. They may be in sections that nobody reads. */
  readonly badLines: number;
}

/** Reads all of a text; of two spellings of a name the one that begins last counts, as in a lookup. */
function readAll(text: string): Reading {
  let badLines = 0;
  const groups = new Map<string, IniSection[]>();
  const sections = readSections(text, text.startsWith("\ufeff") ? 1 : 0, () => badLines++);
  for (const section of sections) {
    const key = keyOfHeader(section);
    groups.set(key, [...groups.get(key) ?? [], section]);
  }
  const merge = (group: readonly IniSection[]): SectionMap => {
    const spelling = [...new Set(group.map(({ header }) => header))].at(-1);
    const entries = group.filter(({ header }) => header === spelling).flatMap((s) => s.entries);
    return new Map(entries.map(({ key, value }) => [key, value]));
  };
  const said = new Map([...groups].map(([key, group]) => [key, merge(group)]));
  return { said, keys: sections.map(keyOfHeader), badLines };
}

/** The same text for equal maps, in any order. */
function canonical(map: ReadonlyMap<string, unknown>): string {
  const parts = [...map].map(([key, value]) =>
    JSON.stringify([key, value instanceof Map ? canonical(value) : value])
  );
  return parts.sort().join("\n");
}

function keyOfHeader({ header }: IniSection): string {
  const name = parseSectionName(header);
  return name === undefined ? `[${header}` : keyOf(name);
}

function keyOf({ kind, name }: SectionName): string {
  return `${kind} ${name}`;
}
