/**
 * Puts the words of a command line into the order that stricli expects.
 *
 * aws-vault users write flags before the command (`aws-vault --debug exec …`), values attached to short
 * flags (`-t123456`), and the child's words after ` -- `. Stricli accepts flags only after the command,
 * and would read a child's flags as ours.
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

/** A command line in its parts. */
export interface Arranged {
  /** For stricli: the command, then the flags that preceded it, then the rest. */
  readonly inputs: readonly string[];
  /** The words after the first `--` of a command that runs a child; `undefined` if it has none. */
  readonly childWords: readonly string[] | undefined;
}

/** Whether a flag takes a value, or an optional one: without it, the flag means `bare`. */
export type FlagKind = "value" | "boolean" | { readonly bare: string };

/** What the arrangement needs to know about flags. */
export interface FlagKnowledge {
  /**
   * The kind of a flag as it is typed (`--backend`, `-t`), of a command or, if none is named, of any
   * command; `undefined` for an unknown flag.
   */
  readonly kindOf: (flag: string, command?: string) => FlagKind | undefined;
  /** The long spelling of a flag: `--no-session` for `-n`; `undefined` for an unknown flag. */
  readonly longOf: (flag: string, command: string) => string | undefined;
  /** Whether the flag limits the credentials, so that an empty value is a mistake. */
  readonly limits: (flag: string, command: string) => boolean;
  /** Commands whose words after `--` belong to a child. */
  readonly commandsWithChild: ReadonlySet<string>;
  /** First words of two-word commands (`sso login`). */
  readonly groups: ReadonlySet<string>;
}

/** Arranges the words after the program's name; throws `bad-usage` for `@file` and invalid text. */
export function arrangeArguments(given: readonly string[], flags: FlagKnowledge): Arranged {
  const arranged = arrange(given, flags);
  if (!arranged.inputs.every((word) => word.isWellFormed())) refuseRaw(arranged, flags);
  return arranged;
}

function arrange(given: readonly string[], flags: FlagKnowledge): Arranged {
  const words = joinGroup(given, commandIndex(given, flags), flags.groups);
  const start = commandIndex(words, flags);
  const command = words[start];
  refuseFile(command);
  if (command === undefined || command === "--") return { inputs: words, childWords: undefined };
  const behind = words.slice(start + 1);
  const split = flags.commandsWithChild.has(command) ? behind.indexOf("--") : -1;
  const own = split < 0 ? behind : behind.slice(0, split);
  const kindOf = (flag: string) => flags.kindOf(flag, command);
  const longOf = (flag: string) => flags.longOf(flag, command);
  const limits = (flag: string) => flags.limits(flag, command);
  return {
    inputs: [command, ...readFlags([...words.slice(0, start), ...own], { kindOf, longOf, limits })],
    childWords: split < 0 ? undefined : behind.slice(split + 1),
  };
}

/** aws-vault 7 read its arguments from a file given as `@file`. */
function refuseFile(word: string | undefined): void {
  if (!word?.startsWith("@")) return;
  throw new VaultError(
    "bad-usage",
    `Cannot read arguments from a file: ${quote(word)} is not supported by this version`,
    { hints: ["Write the arguments themselves, or use: xargs aws-vault < FILE"] },
  );
}

/**
 * Bytes that are not UTF-8 are accepted only for the command of `exec`: a name or path of ours would
 * become a different one. The word is not shown, since it may be a secret for that command.
 */
function refuseRaw({ inputs, childWords }: Arranged, flags: FlagKnowledge): void {
  const [command = "", ...own] = inputs;
  const takesChild = flags.commandsWithChild.has(command) && childWords === undefined;
  const isValue = (at: number) => flags.kindOf(own[at - 1] ?? "", command) === "value";
  const profile = own.findIndex((word, at) => !word.startsWith("-") && !isValue(at));
  const isOurs = (word: string, at: number) =>
    !takesChild || at <= profile || word.startsWith("-") || isValue(at);
  if (!inputs.some((word, at) => !word.isWellFormed() && (at === 0 || isOurs(word, at - 1)))) {
    return;
  }
  const hints = takesChild
    ? ["Write -- before the command of exec: everything after it is passed on unchanged"]
    : ["Only the arguments of exec's command may contain other bytes"];
  throw new VaultError("bad-usage", "Cannot read the command line: a word is not UTF-8", { hints });
}

/** Joins the two words of a command into one: `sso login`, also after `help`. */
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

/** The index of the command: the first word that is neither a flag nor a flag's value. */
function commandIndex(words: readonly string[], { kindOf }: FlagKnowledge): number {
  let i = 0;
  while (i < words.length && words[i]!.startsWith("-") && words[i] !== "--") {
    i += kindOf(words[i]!) === "value" ? 2 : 1;
  }
  return i;
}

/**
 * The words up to `--` in the spelling that stricli accepts: `-t123456` becomes `-t 123456`. A flag with an
 * empty value is dropped, so that `--region=$R` and `--mfa-token "$(…)"` never take the next word.
 * `--no-x` becomes `--x=false`, which also overrides a variable or setting; of `--x` and `--no-x` the last
 * one counts. Throws `bad-usage` for an empty value of a flag that limits: in a script whose variable is
 * not set, `--policy "$P"` would give everything that the profile may do.
 */
function readFlags(
  words: readonly string[],
  { kindOf, longOf, limits }: {
    readonly kindOf: (flag: string) => FlagKind | undefined;
    readonly longOf: (flag: string) => string | undefined;
    readonly limits: (flag: string) => boolean;
  },
): string[] {
  const read: string[] = [];
  const left = [...words];
  let hasArgument = false;
  const takeBack = (flags: readonly string[]) => {
    const isKept = (word: string) =>
      kindOf(word) === "value" || !flags.includes(longOf(word) ?? word);
    read.splice(0, Infinity, ...read.filter(isKept));
  };
  while (left.length > 0) {
    const [word = "", ...behind] = lettersApart(left.shift()!, kindOf);
    left.unshift(...behind);
    if (word === "--") return [...read, word, ...left];
    // Every flag without a value has a negation; of these two it means nothing.
    if (word === "--no-help" || word === "--no-version") continue;
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
      takeBack([positive, `${positive}=false`]);
      read.push(`${positive}=false`);
    } else if (typeof kind === "object") {
      // The next word is the profile, unless the profile was named before.
      const next = value === undefined && hasArgument ? takeWord(left) : undefined;
      read.push(`${flag}=${value || next || kind.bare}`);
    } else if (value === "" || kind === "value" && value === undefined && left[0] === "") {
      if (value === undefined) left.shift();
      requireNotLimit(flag, limits);
    } else if (kind !== "value") {
      if (value === undefined) takeBack([`${longOf(flag) ?? flag}=false`]);
      read.push(word);
    } else if (value === undefined) read.push(word, ...left.splice(0, 1));
    else read.push(...flag.startsWith("--") ? [word] : [flag, value]);
  }
  return read;
}

/** The next word, unless it is a flag. */
function takeWord(left: string[]): string | undefined {
  return left[0]?.startsWith("-") ? undefined : left.shift();
}

function requireNotLimit(flag: string, limits: (flag: string) => boolean): void {
  if (!limits(flag)) return;
  const message = `Cannot understand ${flag}: its value is empty`;
  throw new VaultError("bad-usage", message, {
    hints: ["Give it a value, or omit it; without it, the credentials allow more"],
  });
}

/** `-nd1h` as `-n` and `-d1h`: letters without a value can precede one with a value. */
function lettersApart(
  word: string,
  kindOf: (flag: string) => FlagKind | undefined,
): [first: string, ...behind: string[]] {
  const isJoined = /^-[A-Za-z][A-Za-z]/.test(word) && kindOf(word.slice(0, 2)) === "boolean";
  return isJoined ? [word.slice(0, 2), `-${word.slice(2)}`] : [word];
}

/** Splits `--region=x` and `-tx`; the value is absent if it is in the next word or missing. */
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
 * The command or group whose help the arranged words request, `""` for the program's help, or `undefined` if
 * they request none.
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
