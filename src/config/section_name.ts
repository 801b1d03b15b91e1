/** What a section header means: `profile "my work"` is the profile `my work`. */

/** The kinds of named section that SDKs support. */
export type SectionKind = "profile" | "sso-session" | "services";

const KINDS: readonly SectionKind[] = ["profile", "sso-session", "services"];

/** The form of nearly every header, which need not be parsed character by character. */
const PLAIN = /^(profile|sso-session|services) ([^\s"'\\]+)$/;

/** The kind and name of a section. */
export interface SectionName {
  readonly kind: SectionKind;
  readonly name: string;
}

/**
 * The section that the text between the brackets of a header names, or `undefined` for an unknown kind.
 *
 * The rules are botocore's (`configloader.build_profile_map`): the text begins with the kind and is two words
 * by the rules of a shell. So `profile  x` and `profile "x y"` are profiles, ` profile x` is not; `default`
 * is the profile of that name. With more or fewer words, the name is taken literally, as in aws-vault 7:
 * `profile my work`, `profile o'brien`, `profile a (b)`. The AWS CLI ignores these sections.
 */
export function parseSectionName(header: string): SectionName | undefined {
  return parseStrictName(header) ?? parseBareName(header);
}

/** By botocore's rules alone. */
export function parseStrictName(header: string): SectionName | undefined {
  if (header === "default") return { kind: "profile", name: "default" };
  const plain = PLAIN.exec(header);
  if (plain !== null) return { kind: plain[1] as SectionKind, name: plain[2]! };
  const kind = KINDS.find((kind) => header.startsWith(kind));
  if (kind === undefined) return undefined;
  const words = splitWords(header);
  return words?.length === 2 ? { kind, name: words[1]! } : undefined;
}

function parseBareName(header: string): SectionName | undefined {
  const [, kind, name] = /^(profile|sso-session|services)[ \t]+(\S.*)$/.exec(header) ?? [];
  return name === undefined ? undefined : { kind: kind as SectionKind, name: name.trimEnd() };
}

/** The header, brackets included, that is read back as the name. */
export function renderHeader({ kind, name }: SectionName): string {
  if (kind === "profile" && name === "default") return "[default]";
  return /^[^\s"'\\]+$/.test(name)
    ? `[${kind} ${name}]`
    : `[${kind} "${name.replace(/["\\]/g, "\\$&")}"]`;
}

/**
 * Splits a text into words as Python's `shlex.split` does (POSIX rules, no comments); `undefined` where
 * a quote is not closed or a backslash escapes nothing.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== "" && character === quote) {
      quote = "";
    } else if (character === "\\" && quote !== "'") {
      const escaped = text[++i];
      if (escaped === undefined) return undefined;
      const isKept = quote === '"' && escaped !== '"' && escaped !== "\\";
      word = (word ?? "") + (isKept ? "\\" : "") + escaped;
    } else if (quote !== "") {
      word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== "") return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
