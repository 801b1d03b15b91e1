/** Shows that a change of a config file means what was asked for, and nothing else. */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { type IniSection, readSections } from "./ini.ts";
import { parseSectionName, type SectionName } from "./section_name.ts";

/** What a section says, by key. */
export type SectionMap = ReadonlyMap<string, string | ReadonlyMap<string, string>>;

/**
 * Gives the changed text back if the section now says what `change` makes of what it said before, and
 * every other section says what it said; otherwise throws `conflict`.
 *
 * What this catches: values that do not survive being written (line ends, ` #`), names that do not, and
 * files whose indentation gives a line another meaning when its neighbour goes.
 */
export function proveEdit(
  before: string,
  after: string,
  path: string,
  name: SectionName,
  change: (map: SectionMap) => SectionMap | undefined,
): string {
  const expected = readAll(before);
  const key = keyOf(name);
  const wanted = change(expected.get(key) ?? new Map());
  if (wanted === undefined) expected.delete(key);
  else expected.set(key, wanted);
  if (canonical(readAll(after)) === canonical(expected)) return after;
  throw new VaultError(
    "conflict",
    `Cannot change ${name.kind} ${quote(name.name)} in ${
      quote(path)
    }: it would be read back differently`,
    { hints: ["Names and values are one line without a comment sign (# or ;) after a space"] },
  );
}

/**
 * All sections of a text: known kinds by name, others by header, duplicates merged; of two spellings of
 * a name the one that begins last, as in a lookup. Lines that mean nothing are left to who reads them.
 */
function readAll(text: string): Map<string, SectionMap> {
  const groups = new Map<string, IniSection[]>();
  for (const section of readSections(text, text.startsWith("\ufeff") ? 1 : 0, () => {})) {
    const key = keyOfHeader(section);
    groups.set(key, [...groups.get(key) ?? [], section]);
  }
  const merge = (group: readonly IniSection[]): SectionMap => {
    const spelling = [...new Set(group.map(({ header }) => header))].at(-1);
    const entries = group.filter(({ header }) => header === spelling).flatMap((s) => s.entries);
    return new Map(entries.map(({ key, value }) => [key, value]));
  };
  return new Map([...groups].map(([key, group]) => [key, merge(group)]));
}

/** The same text for maps that say the same, in whatever order. */
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
