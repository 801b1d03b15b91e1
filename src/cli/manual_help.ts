/**
 * The output of `--help` and `help`, in 80 columns or those of a narrower terminal: a command's own flags;
 * the flags of every command are listed separately.
 */

import {
  type ManualCommand,
  type ManualFlag,
  renderUsage,
  shownGlobalFlags,
} from "./manual_commands.ts";
import type { ManualProgram } from "./manual_program.ts";
import type { HelpTopic, TopicPart } from "./help_topic.ts";
import { DESCRIPTIONS } from "./descriptions.ts";
import { EXAMPLES } from "./examples.ts";

import { commandLine } from "../text.ts";

const HELP: ManualFlag = {
  name: "--help",
  short: "-h",
  placeholder: undefined,
  values: [],
  brief: "Print this help",
  isGlobal: true,
  isHidden: false,
};
const VERSION: ManualFlag = {
  ...HELP,
  name: "--version",
  short: undefined,
  brief: "Print the version",
};

/** The help of the program, or of one of its commands; `undefined` if there is no such command. */
export function renderHelp(
  { brief, commands, topics }: ManualProgram,
  topic: string,
  columns = MOST_COLUMNS,
): string | undefined {
  const width = Math.min(columns, MOST_COLUMNS);
  if (topic === "") return renderProgramHelp(brief, commands, topics, width);
  if (topic === FLAGS_TOPIC) return renderGlobalFlags(commands, width);
  const command = commands.find(({ name, aliases }) => name === topic || aliases.includes(topic));
  if (command) return renderCommandHelp(command, width);
  // `sso` is both a group of commands and a topic.
  const about = topics.find(({ name }) => name === topic);
  const group = renderGroupHelp(commands, topic, width);
  const parts = [group, about && renderTopic(about, width)].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join("\n");
}

function renderTopic({ brief, parts }: HelpTopic, width: number): string {
  return renderSections([
    ["", wrap(brief, width)],
    ...parts.map((part) => ["", topicLines(part, width)] as const),
  ]);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => line === "" ? "" : `  ${line}`);
}

function topicLines(part: TopicPart, width: number): string[] {
  if (typeof part === "string") return wrap(part, width);
  return part.kind === "terms" ? columns(part.rows, width) : indented(part.lines);
}

/** The commands of a group, such as `sso`; `undefined` if there is no such group. */
function renderGroupHelp(
  commands: readonly ManualCommand[],
  group: string,
  width: number,
): string | undefined {
  const shown = commands.filter(({ name, isHidden }) => name.startsWith(`${group} `) && !isHidden);
  if (shown.length === 0) return undefined;
  return renderSections([
    ["USAGE", [`  aws-vault ${group} <command> [flags] [arguments]`]],
    ["COMMANDS", columns(shown.map((command) => [command.name, formatBrief(command)]), width)],
    ["", [`More about a command: ${commandLine(["help", group])} <command>`]],
  ]);
}

function renderProgramHelp(
  brief: string,
  commands: readonly ManualCommand[],
  topics: readonly HelpTopic[],
  width: number,
): string {
  const shown = commands.filter(({ isHidden }) => !isHidden);
  return renderSections([
    ["USAGE", ["  aws-vault [global flags] <command> [flags] [arguments]"]],
    ["", wrap(brief, width)],
    ["COMMANDS", columns(shown.map((command) => [command.name, formatBrief(command)]), width)],
    ["TOPICS", indented(wrap(topics.map(({ name }) => name).join(", "), width - 2))],
    ["", [
      "More about one of them: aws-vault help <command or topic>",
      SEE_FLAGS,
    ]],
  ]);
}

/** The topic of `help` that lists the flags of every command. */
const FLAGS_TOPIC = "flags";
const SEE_FLAGS = "Flags of every command: aws-vault help flags";

function renderGlobalFlags(commands: readonly ManualCommand[], width: number): string {
  return renderSections([
    ["USAGE", ["  aws-vault [global flags] <command> [global flags]"]],
    ["GLOBAL FLAGS", flagLines([...shownGlobalFlags(commands), HELP, VERSION], width)],
  ]);
}

function formatBrief({ brief, aliases }: ManualCommand): string {
  return aliases.length === 0 ? brief : `${brief} (also: ${aliases.join(", ")})`;
}

function renderCommandHelp(command: ManualCommand, width: number): string {
  const description = DESCRIPTIONS[command.name];
  const shown = command.flags.filter(({ isHidden }) => !isHidden);
  const described = command.arguments.map(({ placeholder, brief }) =>
    [placeholder, brief] as const
  );
  return renderSections([
    ["USAGE", [`  ${renderUsage(command)}`]],
    ["", wrap(command.brief, width)],
    ["", description === undefined ? [] : [description]],
    ["ALIASES", command.aliases.map((alias) => `  aws-vault ${alias}`)],
    ["ARGUMENTS", columns(described, width)],
    ["FLAGS", flagLines(shown.filter(({ isGlobal }) => !isGlobal), width)],
    ["EXAMPLES", (EXAMPLES[command.name] ?? []).map((line) => `  ${line}`)],
    ["", [SEE_FLAGS]],
  ]);
}

/** `-d, --duration duration`. */
export function flagTerm({ name, short, placeholder }: ManualFlag): string {
  const names = short === undefined ? `    ${name}` : `${short}, ${name}`;
  return placeholder === undefined ? names : `${names} <${placeholder}>`;
}

function flagLines(flags: readonly ManualFlag[], width: number): string[] {
  return columns(
    flags.map((flag) => {
      const term = flagTerm(flag);
      if (term.length <= WIDEST_TERM || flag.values.length === 0) return [term, flag.brief];
      const named = { ...flag, placeholder: flag.name.slice(2) };
      return [flagTerm(named), `${flag.brief}: ${flag.values.join(", ")}`];
    }),
    width,
  );
}

const MOST_COLUMNS = 80;
/** The text of a longer term starts on the line below it. */
const WIDEST_TERM = 32;
/** If fewer columns remain beside the terms, all texts start below their terms. */
const LEAST_BESIDE = 30;

function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const terms = rows.map(([term]) => term.length).filter((length) => length <= WIDEST_TERM);
  const beside = Math.max(0, ...terms);
  const isNarrow = width - beside - 4 < LEAST_BESIDE;
  const indent = isNarrow ? 6 : beside + 4;
  return rows.flatMap(([term, text]) => {
    const [first = "", ...more] = wrap(text, width - indent);
    const below = more.map((line) => " ".repeat(indent) + line);
    return isNarrow || term.length > beside
      ? [`  ${term}`, " ".repeat(indent) + first, ...below]
      : [`  ${term.padEnd(beside)}  ${first}`, ...below];
  });
}

/** Wraps the words at a width; a longer word gets its own line. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

function renderSections(sections: readonly (readonly [string, readonly string[]])[]): string {
  return sections.filter(([, lines]) => lines.length > 0)
    .map(([header, lines]) => [...(header === "" ? [] : [header]), ...lines].join("\n") + "\n")
    .join("\n");
}
