/** What `--help` and `help` print: a command's own flags first, those of every command apart. */

import {
  type ManualCommand,
  type ManualFlag,
  type ManualProgram,
  renderUsage,
} from "./manual_commands.ts";

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

/** The help of the program, or of one of its commands; `undefined` where there is no such command. */
export function renderHelp(
  { brief, commands }: ManualProgram,
  topic: string,
): string | undefined {
  if (topic === "") return renderProgramHelp(brief, commands);
  const command = commands.find(({ name, aliases }) => name === topic || aliases.includes(topic));
  return command ? renderCommandHelp(command) : renderGroupHelp(commands, topic);
}

/** The commands of a group, such as `sso`; `undefined` where there is no such group. */
function renderGroupHelp(commands: readonly ManualCommand[], group: string): string | undefined {
  const shown = commands.filter(({ name, isHidden }) => name.startsWith(`${group} `) && !isHidden);
  if (shown.length === 0) return undefined;
  return renderSections([
    ["USAGE", [`  aws-vault ${group} <command> [flags] [arguments]`]],
    ["COMMANDS", columns(shown.map((command) => [command.name, formatBrief(command)]))],
    ["", [`More about a command: ${commandLine(["help", group])} <command>`]],
  ]);
}

function renderProgramHelp(brief: string, commands: readonly ManualCommand[]): string {
  const shown = commands.filter(({ isHidden }) => !isHidden);
  return renderSections([
    ["USAGE", ["  aws-vault [global flags] <command> [flags] [arguments]"]],
    ["", [brief]],
    ["COMMANDS", columns(shown.map((command) => [command.name, formatBrief(command)]))],
    ["GLOBAL FLAGS", flagLines([...shownGlobalFlags(commands), HELP, VERSION])],
    ["", ["More about a command: aws-vault help <command>"]],
  ]);
}

function formatBrief({ brief, aliases }: ManualCommand): string {
  return aliases.length === 0 ? brief : `${brief} (also: ${aliases.join(", ")})`;
}

function renderCommandHelp(command: ManualCommand): string {
  const shown = command.flags.filter(({ isHidden }) => !isHidden);
  const described = command.arguments.map(({ placeholder, brief }) =>
    [placeholder, brief] as const
  );
  return renderSections([
    ["USAGE", [`  ${renderUsage(command)}`]],
    ["", [command.brief]],
    ["", command.description === "" ? [] : [command.description]],
    ["ALIASES", command.aliases.map((alias) => `  aws-vault ${alias}`)],
    ["ARGUMENTS", columns(described)],
    ["FLAGS", flagLines(shown.filter(({ isGlobal }) => !isGlobal))],
    ["GLOBAL FLAGS", flagLines([...shown.filter(({ isGlobal }) => isGlobal), HELP])],
  ]);
}

/** The global flags; each command has them all. */
export function shownGlobalFlags(commands: readonly ManualCommand[]): readonly ManualFlag[] {
  return commands[0]?.flags.filter(({ isGlobal, isHidden }) => isGlobal && !isHidden) ?? [];
}

/** `-d, --duration duration`. */
export function flagTerm({ name, short, placeholder }: ManualFlag): string {
  const names = short === undefined ? `    ${name}` : `${short}, ${name}`;
  return placeholder === undefined ? names : `${names} <${placeholder}>`;
}

function flagLines(flags: readonly ManualFlag[]): string[] {
  return columns(flags.map((flag) => [flagTerm(flag), flag.brief]));
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([term]) => term.length));
  return rows.map(([term, text]) => `  ${term.padEnd(width)}  ${text}`);
}

function renderSections(sections: readonly (readonly [string, readonly string[]])[]): string {
  return sections.filter(([, lines]) => lines.length > 0)
    .map(([header, lines]) => [...(header === "" ? [] : [header]), ...lines].join("\n") + "\n")
    .join("\n");
}
