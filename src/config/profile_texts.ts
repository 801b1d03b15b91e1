/** A few settings of all profiles at once, for commands that show every profile. */

import type { ConfigFile } from "./config_file.ts";
import { implicitDefault, settingsOf } from "./inherit.ts";
import { headerOn } from "./ini.ts";
import { parseSectionName } from "./section_name.ts";
import { SPACE_SIGN } from "./setting_scan.ts";

/** The texts of a profile in the order of the keys; `undefined` for a missing key. */
export type Texts = readonly (string | undefined)[];

/**
 * The values that `settingsOf` finds for some keys (in lower case) in each profile, texts only, in a
 * twentieth of its time, which matters for `list` of 10,000 profiles. `own` is that of `settingsOf`.
 *
 * Nearly every section is written plainly: `key = value` in the first column, once, without continuation
 * lines. Any other section, and each with an include, is read by `settingsOf`, which throws `bad-config` if
 * it cannot be read.
 */
export function textsOfProfiles(
  config: ConfigFile,
  keys: readonly string[],
  own: readonly string[],
): (profile: string) => Texts {
  const { text } = config;
  // Most files use only one of the two signs; a section with the other one is read.
  const sign = /^\w+( = |=)/m.exec(text)?.[1] ?? " = ";
  const sections = findSections(text, sign);
  const readWhole = (profile: string): Texts => {
    const source = settingsOf(config, profile, own);
    return keys.map((key) => asText(source.get(key)?.value));
  };
  if (sections === undefined) return readWhole;
  // A key that no profile has is searched for once.
  const beginOf = (key: string) => {
    const begin = `\n${key}${sign}`;
    return text.includes(begin) ? begin : undefined;
  };
  const wanted = keys.map(beginOf);
  const includes = ["include_profile", "parent_profile"].map(beginOf).filter((one) =>
    one !== undefined
  );
  const fallback = sections.has("default") ? implicitDefault(config, own) : undefined;
  const ofDefault = keys.map((key) => asText(fallback?.(key)?.value));
  const hasDefault = ofDefault.some((value) => value !== undefined);
  return (profile) => {
    const section = sections.get(profile) ?? "";
    const isRead = section === ODD || includes.some((begin) => section.includes(begin));
    const texts = isRead ? undefined : readPlain(section, wanted);
    if (texts === undefined) return readWhole(profile);
    if (!hasDefault || profile === "default") return texts;
    return texts.map((value, i) => value ?? ofDefault[i]);
  };
}

function asText(value: string | ReadonlyMap<string, string> | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The values in a plain section; `undefined` if a key occurs twice. */
function readPlain(
  section: string,
  wanted: readonly (string | undefined)[],
): (string | undefined)[] | undefined {
  const texts: (string | undefined)[] = [];
  for (const begin of wanted) {
    const at = begin === undefined ? -1 : section.indexOf(begin);
    if (at < 0) {
      texts.push(undefined);
      continue;
    }
    const from = at + begin!.length;
    const end = section.indexOf("\n", from);
    if (end >= 0 && section.indexOf(begin!, end) >= 0) return undefined;
    texts.push(section.slice(from, end < 0 ? section.length : end));
  }
  return texts;
}

/** Marks a section that has to be read. */
const ODD = Symbol("odd");

/**
 * The plain sections of the profiles, as text; `undefined` if only a reader of all lines can find
 * the sections.
 */
function findSections(
  raw: string,
  sign: string,
): ReadonlyMap<string, string | typeof ODD> | undefined {
  const body = raw.startsWith("\ufeff") ? raw.slice(1) : raw;
  const text = `\n${body.includes("\r") ? body.replaceAll("\r\n", "\n") : body}`;
  // These characters end a line only for a pattern, or only for `configparser`.
  if (/[\r\u2028\u2029]/.test(text)) return undefined;
  const found = new Map<string, string | typeof ODD>();
  const oddLines = findOddLines(text, sign);
  let nextOdd = oddLines.next();
  let end = 0;
  for (const piece of text.split("\n[")) {
    const start = end;
    end += piece.length + 2;
    // The odd lines up to the line feed before the next header.
    let isOdd = false;
    for (; !nextOdd.done && nextOdd.value.at < end - 1; nextOdd = oddLines.next()) {
      if (nextOdd.value.isIndentedHeader) return undefined;
      isOdd = true;
    }
    if (start === 0) continue;
    const name = isOdd ? nameOf(piece) : plainName(piece);
    if (name === false) return undefined;
    if (name !== undefined) found.set(name, isOdd || found.has(name) ? ODD : piece);
  }
  return found;
}

/** The profile of a plain header, given without its bracket; `undefined` for another kind of section. */
function plainName(piece: string): string | undefined {
  const end = piece.indexOf("]");
  // "profile", "default", "services" or "sso-session": the first letter decides, and is the fastest test.
  if (piece.charCodeAt(0) === 0x70) return piece.slice("profile ".length, end);
  return piece.charCodeAt(0) === 0x64 ? "default" : undefined;
}

/** The same for any line that begins with a bracket; `false` if it is not a header. */
function nameOf(piece: string): string | undefined | false {
  const line = `[${piece.split("\n", 1)[0]}`;
  const header = headerOn(line, 0, line.length);
  if (header === undefined) return false;
  const name = parseSectionName(header);
  return name?.kind === "profile" ? name.name : undefined;
}

/** The lines other than plain headers, keys with a plain value, comments and empty lines. */
function* findOddLines(
  text: string,
  sign: string,
): Generator<{ at: number; isIndentedHeader: boolean }> {
  const pattern = new RegExp(
    `^(?!(?:${PLAIN_HEADER}|[a-z][a-z0-9_]*${sign}${PLAIN_VALUE}|[#;].*|)$).*`,
    "gm",
  );
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    yield { at: match.index, isIndentedHeader: INDENTED_HEADER.test(match[0]) };
  }
}

const INDENTED_HEADER = new RegExp(`^${SPACE_SIGN}+\\[`);

const PLAIN_HEADER = "\\[(?:(?:profile|sso-session|services) [!#-&(-Z^-~]+|default)\\]";

/** A value without quotation marks, comments, and characters that only some take as space. */
const PLAIN_VALUE = "[!$-&(-:<-_a-~](?:[ !$-:<-~]*[!$-:<-~])?";
