import type { Backend } from "../backend.ts";
import { flagKey } from "../backend_option.ts";
import { withColour } from "../colour.ts";
import type { CommandContext, GlobalFlags } from "../commands/context.ts";
import type { CredentialSource } from "../credentials/source.ts";
import type { Host, Output } from "../host.ts";
import { absentTerminal } from "../prompt/absent_terminal.ts";
import { arrangeArguments, type FlagKind, type FlagKnowledge, helpTopic } from "./arguments.ts";
import {
  allParameters,
  ALONE_LINES,
  buildCommands,
  COMMAND_ALIASES,
  COMMAND_GROUPS,
  COMMANDS_WITH_CHILD,
  findCommand,
} from "./commands_table.ts";
import { addStoreWords, storeWordsOf, withStoreWords } from "./followed_hints.ts";
import { type GlobalFlag, globalFlags, longName } from "./flags.ts";
import { printDocument } from "../print.ts";
import { reportFailure } from "./output.ts";
import { ownEntry, type PlainFlag, type PlainParameters, readPlainLine } from "./plain_line.ts";
import { openInvocation, type ProgramInvocation, type Tables } from "./invocation.ts";

/**
 * Runs the program on a host, and gives its exit code (see `EXIT_CODES`, or the child's of `exec`).
 *
 * The only place that prints errors; code below it writes to standard error only through `Talk`.
 */
export async function run(
  words: readonly string[],
  plainHost: Host,
  backends: readonly Backend[],
  sources?: readonly CredentialSource[],
): Promise<number> {
  const given: Given = { inputs: [], storeWords: () => storeWordsOf(given.inputs, backends) };
  const stderr = withStoreWords(withColour(plainHost.stderr, plainHost), given.storeWords);
  const host = { ...plainHost, stderr };
  try {
    const isAlone = words.length === 1 && ALONE_LINES.has(words[0]!);
    const tables = { backends, sources: sources ?? (isAlone ? [] : await loadSources()) };
    return await runWords(words, host, tables, given);
  } catch (error) {
    // Help could not be written, or an opened resource could not be closed.
    return reportFailure(error, host.stderr, words.includes("--debug"));
  }
}

/** Loaded here, since a quarter of all modules are those of the sources. */
async function loadSources(): Promise<readonly CredentialSource[]> {
  return (await import("../credentials/sources/mod.ts")).SOURCES;
}

/** What the command line gives, as far as it is read. */
interface Given {
  inputs: readonly string[];
  readonly storeWords: () => readonly string[];
}

async function runWords(
  words: readonly string[],
  host: Host,
  tables: Tables,
  given: Given,
): Promise<number> {
  const { backends } = tables;
  if (words[0]?.startsWith("--complet")) { // --complete, and aws-vault 7's --completion-…
    return (await import("./completion.ts")).answerCompletion(words, host, tables);
  }
  // A plain line needs only the flags that it gives.
  let known: Readonly<Record<string, GlobalFlag>> | undefined;
  const flags = () => known ??= globalFlags(backends);
  const { inputs, childWords } = arrangeArguments(words, knowledgeOf(flags));
  given.inputs = inputs;
  if (await printHelp(inputs, host, backends)) return 0;
  const invocations: ProgramInvocation[] = [];
  let failure: unknown;
  let childCode = 0;
  const context: CommandContext = {
    process: host,
    words,
    childWords,
    open(flags, options) {
      const invocation = openInvocation(host, tables, flags, options);
      invocations.push(invocation);
      return invocation;
    },
    nameStore: (text) => addStoreWords(text, given.storeWords()),
    openAside: (flags, whyUnasked) => ({
      ...openInvocation(asideOf(host, flags), tables, flags),
      whyUnasked,
    }),
    exitWith(code) {
      childCode = code;
    },
  };
  const onFailure = (error: unknown) => failure = error;
  try {
    const line = { inputs, flags, context, isDebug: words.includes("--debug"), onFailure };
    const code = await runPlain(line, host) ?? await runOther(line, host, backends);
    // A secret that was pasted after a refused answer must not become a command of the shell.
    if (failure !== undefined) await host.terminal.dropTyped();
    for (const invocation of invocations) await invocation.explainWhereKeysAre(failure);
    return code === 0 ? childCode : code;
  } finally {
    for (const invocation of invocations) await invocation.close();
  }
}

function knowledgeOf(flags: Line["flags"]): FlagKnowledge {
  const find = (word: string, command?: string): [key: string, flag: PlainFlag] | undefined => {
    const name = ownEntry(COMMAND_ALIASES, command ?? "") ?? command;
    const parameters = name === undefined ? allParameters() : parametersOf(name);
    for (const { flags = {}, aliases = {} } of parameters) {
      const key = word.startsWith("--") ? flagKey(word) : ownEntry(aliases, word.slice(1));
      const flag = key === undefined ? undefined : ownEntry(flags, key);
      if (key !== undefined && flag !== undefined) return [key, flag];
    }
    if (!word.startsWith("--")) return undefined;
    const flag = ownEntry(flags(), flagKey(word));
    return flag && [flagKey(word), flag];
  };
  return {
    kindOf(word, command) {
      const found = find(word, command);
      return found && kindOfFlag(found[1]);
    },
    longOf(word, command) {
      const found = find(word, command);
      return found && longName(found[0]);
    },
    limits: (word, command) => find(word, command)?.[1].limits === true,
    commandsWithChild: COMMANDS_WITH_CHILD,
    groups: COMMAND_GROUPS,
  };
}

function parametersOf(command: string): readonly PlainParameters[] {
  const definition = findCommand(command);
  return definition === undefined ? [] : [definition.parameters];
}

function kindOfFlag({ kind, bare }: Pick<PlainFlag, "kind" | "bare">): FlagKind {
  if (bare !== undefined) return { bare };
  return kind === "boolean" ? "boolean" : "value";
}

/** The host of a task beside a command: the terminal and the screen belong to the command. */
function asideOf(host: Host, { debug }: GlobalFlags): Host {
  const stderr: Output = debug ? host.stderr : { write: () => {}, isTerminal: () => false };
  return { ...host, terminal: absentTerminal(), stderr };
}

interface Line {
  readonly inputs: readonly string[];
  /** The flags of every command. */
  readonly flags: () => Readonly<Record<string, GlobalFlag>>;
  readonly context: CommandContext;
  readonly isDebug: boolean;
  readonly onFailure: (error: unknown) => void;
}

/** Runs a plain line, and gives its exit code; `undefined` for any other line. */
async function runPlain(line: Line, host: Pick<Host, "stderr">): Promise<number | undefined> {
  const [first = "", ...words] = line.inputs;
  const name = first === "--version" ? "version" : first;
  const definition = findCommand(ownEntry(COMMAND_ALIASES, name) ?? name);
  const read = definition && readPlainLine(words, definition.parameters, line.flags);
  if (!definition || !read || !("loader" in definition)) return undefined;
  try {
    const loaded = await definition.loader();
    const command = typeof loaded === "function" ? loaded : loaded.default;
    await command.call(line.context, read.flags, ...read.args);
    return 0;
  } catch (error) {
    line.onFailure(error);
    return reportFailure(error, host.stderr, line.isDebug);
  }
}

async function runOther(
  line: Line,
  host: Host,
  backends: readonly Backend[],
): Promise<number> {
  // The remaining `help NAME` names neither a command nor a topic.
  const isHelp = line.inputs[0] === "help";
  const inputs = isHelp ? line.inputs.slice(1) : line.inputs;
  const topics = isHelp ? (await import("./help_topics.ts")).helpTopics(backends) : [];
  const { runByStricli } = await import("./stricli_run.ts");
  return await runByStricli({
    ...line,
    inputs,
    commands: buildCommands(line.flags()),
    topics: topics.map(({ name }) => name),
  }, host);
}

/** Prints the help that the words request, and returns whether they request any. */
async function printHelp(
  inputs: readonly string[],
  host: Pick<Host, "stdout">,
  backends: readonly Backend[],
): Promise<boolean> {
  const topic = helpTopic(inputs, COMMAND_GROUPS);
  if (topic === undefined) return false;
  const { renderHelp } = await import("./manual_help.ts");
  const { describeProgram } = await import("./manual_program.ts");
  const help = renderHelp(describeProgram(backends), topic, host.stdout.columns?.());
  if (help !== undefined) printDocument(host.stdout, help);
  return help !== undefined;
}
