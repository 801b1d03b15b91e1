/** What can follow on a command line: a pure function of the commands and the profile names. */

import { joinGroup } from "./arguments.ts";
import type { HelpTopic } from "./help_topic.ts";
import { type ManualCommand, type ManualFlag, shownGlobalFlags } from "./manual_commands.ts";

/** A value that can stand at the cursor, and its meaning. */
export interface Proposal {
  readonly value: string;
  readonly brief: string;
}

/** What can stand at the cursor. */
export type Completion =
  | { readonly kind: "values"; readonly values: readonly Proposal[] }
  | { readonly kind: "files" | "folders" | "programs" }
  /** The command that `exec` runs is being typed; its first word has this index. */
  | { readonly kind: "child"; readonly from: number };

/** The input of completion. Its functions are called only if their answer is needed. */
export interface CompletionKnowledge {
  readonly commands: readonly ManualCommand[];
  /** The topics of `help` besides commands. */
  readonly topics: readonly Pick<HelpTopic, "name" | "brief">[];
  readonly commandsWithChild: ReadonlySet<string>;
  /** First words of two-word commands. */
  readonly groups: ReadonlySet<string>;
  readonly backends: () => readonly string[];
  readonly promptDrivers: () => readonly string[];
  readonly shells: () => readonly string[];
  /** The configured profiles. */
  readonly profiles: () => readonly string[];
  /** The configured sso-sessions. */
  readonly ssoSessions: () => readonly string[];
  /** Filters the configured profiles to those that may have a stored key. */
  readonly keyProfiles: (names: readonly string[]) => readonly string[];
}

/** Commands about a stored key, rather than about the credentials of any profile. */
const OF_STORED_KEYS: ReadonlySet<string> = new Set(["remove", "rotate"]);

/** The group whose second word is being typed. */
function groupBefore(
  before: readonly string[],
  { groups }: CompletionKnowledge,
): string | undefined {
  const last = before.at(-1);
  const isFirst = before.slice(0, -1).every((word) => word.startsWith("-") || word === "help");
  return last !== undefined && isFirst && groups.has(last) ? last : undefined;
}

function groupProposals(group: string, { commands }: CompletionKnowledge): Proposal[] {
  return commands.filter(({ name, isHidden }) => name.startsWith(`${group} `) && !isHidden)
    .map(({ name, brief }) => ({ value: name.slice(group.length + 1), brief }));
}

/** The parsed words before the cursor. */
interface Position {
  readonly command: ManualCommand | undefined;
  /** The flag whose value is being typed. */
  readonly pending: ManualFlag | undefined;
  readonly positionals: number;
  /** Whether `--` came before: flags no longer count. */
  readonly isEscaped: boolean;
  /** The index at which the child's command begins. */
  readonly childFrom: number | undefined;
  readonly used: ReadonlySet<string>;
}

/**
 * What can stand in place of the last word, given the words after the program's name.
 *
 * Values contain the last word anywhere, in any case: the shell selects from them, and does not get
 * all names of a config file with many thousand profiles.
 */
export function proposeCompletions(
  words: readonly string[],
  knowledge: CompletionKnowledge,
): Completion {
  const start = words.findIndex((word) => !word.startsWith("-"));
  const before = joinGroup(words.slice(0, -1), start, knowledge.groups);
  const current = words.at(-1) ?? "";
  const group = groupBefore(before, knowledge);
  if (group !== undefined && !current.startsWith("-")) {
    return values(groupProposals(group, knowledge), current);
  }
  const position = locate(before, knowledge);
  if (position === undefined) return values([], current);
  if (position.childFrom !== undefined) return { kind: "child", from: position.childFrom };
  const [flagName, typed] = splitEquals(current);
  if (position.pending) return proposeValue(position.pending, current, knowledge);
  if (current.startsWith("-") && !position.isEscaped) {
    if (typed === undefined) return values(flagProposals(position, knowledge), current);
    const flag = flagsAt(position, knowledge).find(({ name }) => name === flagName);
    return flag ? prefixed(proposeValue(flag, typed, knowledge), `${flagName}=`) : values([], "");
  }
  return proposePositional(position, before.length, current, knowledge);
}

function locate(
  before: readonly string[],
  knowledge: CompletionKnowledge,
): Position | undefined {
  let command: ManualCommand | undefined;
  let pending: ManualFlag | undefined;
  let positionals = 0;
  let isEscaped = false;
  let childFrom: number | undefined;
  const used = new Set<string>();
  for (const [i, word] of before.entries()) {
    const hasChild = command !== undefined && knowledge.commandsWithChild.has(command.name);
    if (pending) pending = undefined;
    else if (word === "--" && command && !isEscaped) {
      isEscaped = true;
      if (hasChild) return { command, pending, positionals, isEscaped, childFrom: i + 1, used };
    } else if (word.startsWith("-") && !isEscaped) {
      const flag = flagsOf(command, knowledge).find((one) => isWritten(one, word));
      if (flag) used.add(flag.name);
      if (flag?.placeholder !== undefined && (word === flag.name || word === flag.short)) {
        pending = flag;
      }
    } else if (command === undefined) {
      command = findCommand(word, knowledge);
      if (command === undefined) return undefined;
    } else if (++positionals > 1 && hasChild) childFrom ??= i;
  }
  return { command, pending, positionals, isEscaped, childFrom, used };
}

const HELP: ManualCommand = {
  name: "help",
  aliases: [],
  brief: "Show more about a command",
  flags: [],
  arguments: [],
  isHidden: false,
};

function findCommand(word: string, { commands }: CompletionKnowledge): ManualCommand | undefined {
  return [...commands, HELP].find(({ name, aliases }) => name === word || aliases.includes(word));
}

function isWritten({ name, short }: ManualFlag, word: string): boolean {
  return word === name || word.startsWith(`${name}=`) ||
    (short !== undefined && word.startsWith(short) && !word.startsWith("--"));
}

function splitEquals(word: string): [string, string | undefined] {
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function flagsAt(position: Position, knowledge: CompletionKnowledge): readonly ManualFlag[] {
  return flagsOf(position.command, knowledge);
}

function flagsOf(
  command: ManualCommand | undefined,
  { commands }: CompletionKnowledge,
): readonly ManualFlag[] {
  return command === undefined ? shownGlobalFlags(commands) : command.flags;
}

/** The command's own flags first: they are needed more often than those of every command. */
function flagProposals(position: Position, knowledge: CompletionKnowledge): Proposal[] {
  const flags = flagsAt(position, knowledge)
    .filter(({ name, isHidden }) => !isHidden && !position.used.has(name))
    .toSorted((a, b) => Number(a.isGlobal) - Number(b.isGlobal));
  const version = position.command ? [] : [{ value: "--version", brief: "Print the version" }];
  return [
    ...flags.map(({ name, brief }) => ({ value: name, brief })),
    { value: "--help", brief: "Print help" },
    ...version,
  ];
}

function proposeValue(
  flag: ManualFlag,
  typed: string,
  knowledge: CompletionKnowledge,
): Completion {
  if (flag.values.length > 0) return values(plain(flag.values), typed);
  if (flag.name === "--prompt") return values(plain(knowledge.promptDrivers()), typed);
  if (["--backend", "--from", "--to"].includes(flag.name) && flag.placeholder !== "file") {
    return values(plain(knowledge.backends()), typed);
  }
  switch (flag.placeholder) {
    case "profile":
      return values(plain(knowledge.profiles()), typed);
    case "folder":
      return { kind: "folders" };
    case "file":
      return { kind: "files" };
    case "program":
    case "command":
      return { kind: "programs" };
    default:
      return values([], typed);
  }
}

function topics({ topics }: CompletionKnowledge): Proposal[] {
  return topics.map(({ name, brief }) => ({ value: name, brief }));
}

function proposePositional(
  { command, positionals, ...position }: Position,
  index: number,
  typed: string,
  knowledge: CompletionKnowledge,
): Completion {
  if (command === undefined) return values(commandProposals(knowledge), typed);
  if (command.name === "help") {
    return values(
      positionals === 0 ? [...commandProposals(knowledge), ...topics(knowledge)] : [],
      typed,
    );
  }
  const isChild = knowledge.commandsWithChild.has(command.name) && positionals > 0;
  if (isChild) return { kind: "child", from: index };
  const repeated = command.arguments.findLast(({ isRepeated }) => isRepeated);
  const placeholder = (command.arguments[positionals] ?? repeated)?.placeholder ?? "";
  if (placeholder === "shell") return values(plain(knowledge.shells()), typed);
  if (placeholder === "file") return { kind: "files" };
  if (placeholder === "sso-session") {
    return values(plain([...knowledge.ssoSessions(), ...knowledge.profiles()]), typed);
  }
  if (/^\[?profile\b/.test(placeholder)) {
    const names = matching(knowledge.profiles(), typed);
    return values(plain(namesFor(command, names, knowledge)), typed);
  }
  return values(flagProposals({ command, positionals, ...position }, knowledge), typed);
}

function namesFor(
  command: ManualCommand,
  names: readonly string[],
  knowledge: CompletionKnowledge,
): readonly string[] {
  return OF_STORED_KEYS.has(command.name) ? knowledge.keyProfiles(names) : names;
}

/** A group appears once for all its commands. */
function commandProposals({ commands }: CompletionKnowledge): Proposal[] {
  const shown = [...commands, HELP].filter(({ isHidden }) => !isHidden);
  const byWord = Map.groupBy(shown, ({ name }) => name.split(" ")[0]!);
  return [...byWord].map(([value, [first, ...others]]) => ({
    value,
    brief: others.length === 0 ? first!.brief : [first!, ...others].map(lastWord).join(", "),
  }));
}

function lastWord({ name }: ManualCommand): string {
  return name.split(" ").at(-1)!;
}

function plain(names: readonly string[]): Proposal[] {
  return names.map((value) => ({ value, brief: "" }));
}

function values(proposals: readonly Proposal[], typed: string): Completion {
  const wanted = typed.toLowerCase();
  return {
    kind: "values",
    values: proposals.filter(({ value }) => value.toLowerCase().includes(wanted)),
  };
}

function matching(names: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  return names.filter((name) => name.toLowerCase().includes(wanted));
}

function prefixed(completion: Completion, prefix: string): Completion {
  if (completion.kind !== "values") return completion;
  return {
    kind: "values",
    values: completion.values.map(({ value, brief }) => ({ value: prefix + value, brief })),
  };
}
