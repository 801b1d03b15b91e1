/** Finds the profiles with certain settings, for commands that look at all: without reading every section. */

import type { ConfigFile } from "./config_file.ts";
import { scanHeaders } from "./header_scan.ts";
import { plainSettings } from "./plain_settings.ts";
import { parseSectionName } from "./section_name.ts";

/**
 * Finds which of some keys (in lower case) each profile's own section has; profiles without one are
 * not in the map. Throws `bad-config` if a section that has to be read is invalid.
 *
 * A line that begins with the key and a sign in the first column is that setting, whatever precedes
 * it. If the key follows white space, or the profile has several sections, its section is read.
 */
export function profilesWith(
  config: ConfigFile,
  keys: readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const lines = findLines(config.text, keys);
  if (lines.length === 0) return found;
  const unclear = new Set<string>();
  for (const { name, isRepeated, own } of sectionsWith(config.text, lines)) {
    if (isRepeated || own.some(({ isIndented }) => isIndented)) unclear.add(name);
    else found.set(name, new Set(own.map(({ key }) => key)));
  }
  for (const name of unclear) {
    const section = config.profile(name);
    const has = keys.filter((key) => section && plainSettings(section).has(key));
    if (has.length > 0) found.set(name, new Set(has));
    else found.delete(name);
  }
  return found;
}

interface KeyLine {
  readonly at: number;
  readonly key: string;
  readonly isIndented: boolean;
}

/** A pattern for Python's white space within a line, of which JavaScript's is only a part. */
export const SPACE_SIGN = "(?:[^\\S\\r\\n]|[\\x1c-\\x1f\\x85])";
const SPACE = `${SPACE_SIGN}*`;

/** The lines that begin with one of the keys, in order. */
function findLines(text: string, keys: readonly string[]): KeyLine[] {
  if (keys.length === 0) return [];
  const anyKey = keys.map(RegExp.escape).join("|");
  const pattern = new RegExp(`^(${SPACE})(${anyKey})${SPACE}[=:]`, "gim");
  // These begin a line only for a pattern: the text after them has to be read.
  const isOdd = /[\u2028\u2029]/.test(text);
  const lines: KeyLine[] = [];
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [, before = "", key = ""] = match;
    const isIndented = isOdd || before !== "";
    lines.push({ at: match.index, key: key.toLowerCase(), isIndented });
  }
  return lines;
}

/** The profiles with one of the lines, and whether they have several sections. */
function* sectionsWith(text: string, lines: readonly KeyLine[]) {
  const headers = scanHeaders(text, text.startsWith("\ufeff") ? 1 : 0);
  const counts = new Map<string, number>();
  const names = headers.map(({ header }) => {
    const name = parseSectionName(header);
    if (name?.kind !== "profile") return undefined;
    counts.set(name.name, (counts.get(name.name) ?? 0) + 1);
    return name.name;
  });
  let i = 0;
  for (const [h, name] of names.entries()) {
    const end = headers[h + 1]?.at ?? text.length;
    const own: KeyLine[] = [];
    for (; i < lines.length && lines[i]!.at < end; i++) {
      if (lines[i]!.at > headers[h]!.at) own.push(lines[i]!);
    }
    if (name !== undefined && own.length > 0) {
      yield { name, own, isRepeated: counts.get(name)! > 1 };
    }
  }
}
