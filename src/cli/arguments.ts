/**
 * Puts the words of a command line into the order that stricli takes.
 *
 * aws-vault users write global flags before the command (`aws-vault --debug exec …`), values stuck to
 * short flags (`-t123456`), and the child's words after ` -- `. Stricli knows flags only behind the
 * command, and would read a child's flags as ours.
 */

/** A command line taken apart. */
export interface Arranged {
  /** For stricli: the command, then the flags that stood before it, then the rest. */
  readonly inputs: readonly string[];
  /** What followed the first `--` of a command that runs a child; `undefined` where there was none. */
  readonly childWords: readonly string[] | undefined;
}

/** What the arrangement has to know about flags. */
export interface FlagKnowledge {
  /** Global flags by their long name (`--backend`): whether a value follows. */
  readonly globalTakesValue: Pick<ReadonlyMap<string, boolean>, "get">;
  /** Short flags that take a value (`-t`). */
  readonly shortWithValue: ReadonlySet<string>;
  /** Commands whose words after `--` belong to a child. */
  readonly commandsWithChild: ReadonlySet<string>;
  /** First words of commands whose names are two (`sso login`). */
  readonly groups: ReadonlySet<string>;
}

/** Arranges the words behind the program's name. */
export function arrangeArguments(given: readonly string[], flags: FlagKnowledge): Arranged {
  const words = joinGroup(given, commandIndex(given, flags), flags.groups);
  const start = commandIndex(words, flags);
  const command = words[start];
  if (command === undefined || command === "--") return { inputs: words, childWords: undefined };
  const behind = words.slice(start + 1);
  const split = flags.commandsWithChild.has(command) ? behind.indexOf("--") : -1;
  const own = split < 0 ? behind : behind.slice(0, split);
  return {
    inputs: [command, ...words.slice(0, start), ...ungluedUntilEscape(own, flags)],
    childWords: split < 0 ? undefined : behind.slice(split + 1),
  };
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

/** Where the command stands: the first word that is neither a flag nor a global flag's value. */
function commandIndex(words: readonly string[], flags: FlagKnowledge): number {
  let i = 0;
  while (i < words.length && words[i]!.startsWith("-") && words[i] !== "--") {
    i += flags.globalTakesValue.get(words[i]!) === true ? 2 : 1;
  }
  return i;
}

/** `-t123456` becomes `-t 123456`, up to a `--`. */
function ungluedUntilEscape(words: readonly string[], flags: FlagKnowledge): string[] {
  const end = words.indexOf("--");
  const flagWords = end < 0 ? words : words.slice(0, end);
  const unglued = flagWords.flatMap((word) => {
    const short = word.slice(0, 2);
    const isGlued = word.length > 2 && flags.shortWithValue.has(short);
    return isGlued ? [short, word.slice(2)] : [word];
  });
  return [...unglued, ...(end < 0 ? [] : words.slice(end))];
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
