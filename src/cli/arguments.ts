/**
 * Puts the words of a command line into the order that stricli takes.
 *
 * aws-vault users write flags before the command (`aws-vault --debug exec …`), values stuck to short
 * flags (`-t123456`), and the child's words after ` -- `. Stricli knows flags only behind the command,
 * and would read a child's flags as ours.
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

/** A command line taken apart. */
export interface Arranged {
  /** For stricli: the command, then the flags that stood before it, then the rest. */
  readonly inputs: readonly string[];
  /** What followed the first `--` of a command that runs a child; `undefined` where there was none. */
  readonly childWords: readonly string[] | undefined;
}

/** Whether a flag is followed by a value; or may be, and means `bare` where it is not. */
export type FlagKind = "value" | "boolean" | { readonly bare: string };

/** What the arrangement has to know about flags. */
export interface FlagKnowledge {
  /**
   * The kind of a flag as it is typed (`--backend`, `-t`) of a command, or of any command where none is
   * named; `undefined` for one that there is not.
   */
  readonly kindOf: (flag: string, command?: string) => FlagKind | undefined;
  /** Commands whose words after `--` belong to a child. */
  readonly commandsWithChild: ReadonlySet<string>;
  /** First words of commands whose names are two (`sso login`). */
  readonly groups: ReadonlySet<string>;
}

/** Arranges the words behind the program's name; throws `bad-usage` for `@file`. */
export function arrangeArguments(given: readonly string[], flags: FlagKnowledge): Arranged {
  const words = joinGroup(given, commandIndex(given, flags), flags.groups);
  const start = commandIndex(words, flags);
  const command = words[start];
  refuseFile(command);
  if (command === undefined || command === "--") return { inputs: words, childWords: undefined };
  const behind = words.slice(start + 1);
  const split = flags.commandsWithChild.has(command) ? behind.indexOf("--") : -1;
  const own = split < 0 ? behind : behind.slice(0, split);
  const kindOf = (flag: string) => flags.kindOf(flag, command);
  return {
    inputs: [command, ...readFlags([...words.slice(0, start), ...own], kindOf)],
    childWords: split < 0 ? undefined : behind.slice(split + 1),
  };
}

/** aws-vault 7 took its arguments from a file that was named so. */
function refuseFile(word: string | undefined): void {
  if (!word?.startsWith("@")) return;
  throw new VaultError(
    "bad-usage",
    `Cannot read arguments from a file: ${quote(word)} is not supported by this version`,
    { hints: ["Write the arguments themselves, or use: xargs aws-vault < FILE"] },
  );
}

/** Two words that name one command as one word: `sso login`, also behind `help`. */
export function joinGroup(
  words: readonly string[],
  start: number,
  groups: ReadonlySet<string>,
): readonly string[] {
  const at = words[start] === "help" ? start + 1 : start;
  const [first, second] = words.slice(at, at + 2);
  if (first === undefined || !groups.has(first)) return words;
  if (second === undefined || second.startsWith("-")) return words;
  return [...words.slice(0, at), `${first} ${second}`, ...words.slice(at + 2)];
}

/** Where the command stands: the first word that is neither a flag nor a flag's value. */
function commandIndex(words: readonly string[], { kindOf }: FlagKnowledge): number {
  let i = 0;
  while (i < words.length && words[i]!.startsWith("-") && words[i] !== "--") {
    i += kindOf(words[i]!) === "value" ? 2 : 1;
  }
  return i;
}

/**
 * The words up to a `--` in the spelling that stricli knows: `-t123456` becomes `-t 123456`; a flag with
 * an empty value is not given, so that `--region=$R` and `--mfa-token "$(…)"` never take the word behind
 * them; `--no-x` takes a `--x` before it away.
 */
function readFlags(
  words: readonly string[],
  kindOf: (flag: string) => FlagKind | undefined,
): string[] {
  const read: string[] = [];
  let hasArgument = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") return [...read, ...words.slice(i)];
    if (!word.startsWith("-") || word === "-") {
      if (!hasArgument) refuseFile(word);
      hasArgument = true;
      read.push(word);
      continue;
    }
    const [flag, value] = splitFlag(word, kindOf);
    const kind = kindOf(flag);
    const positive = `--${flag.slice("--no-".length)}`;
    if (value === undefined && isNegated(flag, positive, kindOf)) {
      read.splice(0, Infinity, ...read.filter((other) => other !== positive));
    } else if (typeof kind === "object") {
      // The word behind it is the profile, unless that was named before.
      const next = hasArgument && !words[i + 1]?.startsWith("-") ? words[i + 1] : undefined;
      if (value === undefined && next !== undefined) i++;
      read.push(`${flag}=${value || next || kind.bare}`);
    } else if (kind !== "value") {
      if (value !== "") read.push(word);
    } else if (value !== undefined) {
      if (value !== "") read.push(...flag.startsWith("--") ? [word] : [flag, value]);
    } else {
      const next = words[++i];
      if (next !== "") read.push(word, ...next === undefined ? [] : [next]);
    }
  }
  return read;
}

/** `--region=x` and `-tx` in two; the value is absent where it stands in the next word or nowhere. */
function splitFlag(
  word: string,
  kindOf: (flag: string) => FlagKind | undefined,
): [flag: string, value: string | undefined] {
  if (!word.startsWith("--")) {
    const short = word.slice(0, 2);
    return word.length > 2 && kindOf(short) === "value"
      ? [short, word.slice(2)]
      : [word, undefined];
  }
  const equals = word.indexOf("=");
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function isNegated(
  flag: string,
  positive: string,
  kindOf: (flag: string) => FlagKind | undefined,
): boolean {
  return flag.startsWith("--no-") && kindOf(flag) === undefined && kindOf(positive) === "boolean";
}

/**
 * The command or group whose help the arranged words ask for, `""` for that of the program, or `undefined` where
 * they ask for none.
 */
export function helpTopic(
  inputs: readonly string[],
  groups: ReadonlySet<string> = new Set(),
): string | undefined {
  const [first] = inputs;
  if (first === undefined) return "";
  if (groups.has(first)) return first;
  if (first === "help") return inputs.slice(1).find((word) => !word.startsWith("-")) ?? "";
  const end = inputs.indexOf("--");
  const own = end < 0 ? inputs : inputs.slice(0, end);
  if (!own.includes("--help") && !own.includes("-h")) return undefined;
  return first.startsWith("-") ? "" : first;
}
