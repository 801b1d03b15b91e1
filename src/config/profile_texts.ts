/** A few settings of all profiles at once, for commands that show every profile: in one pass of the text. */

import type { ConfigFile } from "./config_file.ts";
import { implicitDefault, settingsOf } from "./inherit.ts";
import { headerOn } from "./ini.ts";
import { SPACE_SIGN } from "./setting_scan.ts";
import { parseSectionName } from "./section_name.ts";

/** The texts of a profile by the place of their key; `undefined` where it has none. */
export type Texts = readonly (string | undefined)[];

/**
 * What `settingsOf` finds of some keys (in lower case) for each profile, texts only, in a hundredth of its
 * time: `list` of 10,000 profiles shows it. `own` is that of `settingsOf`.
 *
 * Most sections are written plainly: `key = value` in the first column, once, and nothing that continues a
 * line. Any other, and each that includes another one, is read by `settingsOf`, which throws `bad-config`
 * where it cannot be read.
 */
export function textsOfProfiles(
  config: ConfigFile,
  keys: readonly string[],
  own: readonly string[],
): (profile: string) => Texts {
  const plain = readPlainSections(config.text, keys);
  const fallback = implicitDefault(config, own);
  const ofDefault = keys.map((key) => asText(fallback(key)?.value));
  const hasDefault = ofDefault.some((text) => text !== undefined);
  const none: Texts = keys.map(() => undefined);
  return (profile) => {
    const texts = plain?.get(profile);
    if (plain === undefined || texts === ODD) {
      const source = settingsOf(config, profile, own);
      return keys.map((key) => asText(source.get(key)?.value));
    }
    if (!hasDefault || profile === "default") return texts ?? none;
    return ofDefault.map((text, i) => texts?.[i] ?? text);
  };
}

function asText(value: string | ReadonlyMap<string, string> | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A section that has to be read. */
const ODD = "odd";

/** The texts of the profiles whose sections are plain; `undefined` where the file has to be read. */
function readPlainSections(
  text: string,
  keys: readonly string[],
): ReadonlyMap<string, (string | undefined)[] | typeof ODD> | undefined {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  // To a pattern the first two begin a line and the third is white space, to Python they are not.
  if (/[\u2028\u2029\ufeff]/.test(body)) return undefined;
  const found = new Map<string, (string | undefined)[] | typeof ODD>();
  const places = new Map(keys.map((key, i) => [key, i]));
  let profile: string | undefined;
  let texts: (string | undefined)[] | typeof ODD = ODD;
  for (const line of body.match(linePattern(keys)) ?? []) {
    if (line.startsWith("[")) {
      const header = headerOn(line, 0, line.length);
      if (header === undefined) return undefined;
      profile = profileOf(header);
      if (profile === undefined) continue;
      texts = found.has(profile) ? ODD : new Array(keys.length).fill(undefined);
      found.set(profile, texts);
    } else if (profile === undefined || texts === ODD) {
      if (INDENTED_HEADER.test(line)) return undefined;
    } else {
      const sign = line.search(/[=:]/);
      const place = sign < 0 ? undefined : places.get(line.slice(0, sign).trimEnd().toLowerCase());
      const value = line.slice(sign + 1);
      if (place !== undefined && PLAIN_VALUE.test(value)) texts[place] = value.trim() || undefined;
      else if (INDENTED_HEADER.test(line)) return undefined;
      else found.set(profile, texts = ODD);
    }
  }
  return found;
}

/** The lines that matter: headers, the keys, what includes another profile, and whatever is indented. */
function linePattern(keys: readonly string[]): RegExp {
  const names = [...keys, "include_profile", "parent_profile"].map(RegExp.escape).join("|");
  return new RegExp(`^(?:\\[|(?:${names})${SPACE_SIGN}*[=:]|${SPACE_SIGN}+\\S).*`, "gim");
}

/** A header that begins a section or continues a value; only who reads all lines knows it. */
const INDENTED_HEADER = new RegExp(`^${SPACE_SIGN}+\\[`);

/** Without a quotation, a comment, and characters that are white space to some. */
const PLAIN_VALUE = /^[ \t]*(?:[!$-&(-:<-_a-~][!$-:<-~ \t]*)?$/;

const PLAIN_HEADER = /^profile [!#-&(-Z^-~]+$/;

function profileOf(header: string): string | undefined {
  if (PLAIN_HEADER.test(header)) return header.slice("profile ".length);
  const name = parseSectionName(header);
  return name?.kind === "profile" ? name.name : undefined;
}
