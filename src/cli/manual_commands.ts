/** The commands as plain data: for help, the manual page and completion. */

import type { Command } from "@stricli/core";
import type { Backend } from "../backend.ts";
import type { CommandContext } from "../commands/context.ts";
import {
  COMMAND_ALIASES,
  COMMAND_NAMES,
  findCommand,
  HIDDEN_COMMANDS,
  withGlobalFlags,
} from "./commands_table.ts";
import { type GlobalFlag, globalFlags, longName } from "./flags.ts";

/** A flag of a command. */
export interface ManualFlag {
  /** `--backend`. */
  readonly name: string;
  /** `-d`, if it has a short form. */
  readonly short: string | undefined;
  /** The placeholder of its value; `undefined` for a flag without one. */
  readonly placeholder: string | undefined;
  /** Its permitted values, if they are fixed. */
  readonly values: readonly string[];
  readonly brief: string;
  /** Accepted by every command, before or after its name. */
  readonly isGlobal: boolean;
  readonly isHidden: boolean;
}

/** An argument of a command. */
export interface ManualArgument {
  readonly placeholder: string;
  readonly brief: string;
  readonly isOptional: boolean;
  /** Whether it stands for any number of words. */
  readonly isRepeated: boolean;
}

/** A command. */
export interface ManualCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly brief: string;
  readonly flags: readonly ManualFlag[];
  readonly arguments: readonly ManualArgument[];
  readonly isHidden: boolean;
}

/** As stricli describes the parameters of a finished command. */
type Parameters = Command<CommandContext>["parameters"];
type Flag = NonNullable<Parameters["flags"]>[string];
type GlobalFlags = Readonly<Record<string, GlobalFlag>>;

/** Describes the commands with these back ends, in the order of the help. */
export function describeCommands(backends: readonly Backend[]): ManualCommand[] {
  const globals = globalFlags(backends);
  return COMMAND_NAMES.map((name) => describeCommand(name, globals));
}

/** Completion looks at one command of all: what is not in the lists of names is made on request. */
function describeCommand(name: string, globals: GlobalFlags): ManualCommand {
  const definition = () => findCommand(name)!;
  const parameters = () =>
    withGlobalFlags(definition(), globals).parameters as unknown as Parameters;
  return {
    name,
    aliases: Object.keys(COMMAND_ALIASES).filter((alias) => COMMAND_ALIASES[alias] === name),
    get brief() {
      return definition().docs.brief;
    },
    get flags() {
      return describeFlags(parameters(), globals);
    },
    get arguments() {
      return describeArguments(parameters());
    },
    isHidden: HIDDEN_COMMANDS.includes(name),
  };
}

/** The flags that each command has. */
export function shownGlobalFlags(commands: readonly ManualCommand[]): readonly ManualFlag[] {
  return commands[0]?.flags.filter(({ isGlobal, isHidden }) => isGlobal && !isHidden) ?? [];
}

/** `aws-vault exec [flags] [profile] [-- command args…]`. */
export function renderUsage(command: ManualCommand): string {
  const words = command.arguments.map(({ placeholder, isOptional }) =>
    placeholder.startsWith("[") ? placeholder : isOptional ? `[${placeholder}]` : `<${placeholder}>`
  );
  return ["aws-vault", command.name, "[flags]", ...words].join(" ");
}

function describeFlags(
  { flags = {}, aliases = {} }: Parameters,
  globals: GlobalFlags,
): ManualFlag[] {
  const shorts = new Map(Object.entries(aliases).map(([short, name]) => [name, `-${short}`]));
  return Object.entries(flags).map(([key, flag]) => {
    return {
      name: longName(key),
      short: shorts.get(key),
      placeholder: placeholderOf(flag),
      values: flag.kind === "enum" ? flag.values : [],
      brief: flag.brief,
      isGlobal: Object.hasOwn(globals, key),
      isHidden: "hidden" in flag && flag.hidden === true,
    };
  });
}

function placeholderOf(flag: Flag): string | undefined {
  if (flag.kind === "boolean" || flag.kind === "counter") return undefined;
  return flag.placeholder ?? (flag.kind === "enum" ? flag.values.join("|") : "value");
}

function describeArguments({ positional }: Parameters): ManualArgument[] {
  if (positional === undefined) return [];
  const isRepeated = positional.kind === "array";
  const described = positional.kind === "array" ? [positional.parameter] : positional.parameters;
  return described.map((argument) => ({
    placeholder: argument.placeholder ?? "argument",
    brief: argument.brief,
    isOptional: argument.optional === true,
    isRepeated,
  }));
}
