/** The commands as plain data, from stricli's routes: for help, the manual page and completion. */

import { DESCRIPTIONS } from "./descriptions.ts";
import type { RouteMap } from "@stricli/core";
import type { Backend } from "../backend.ts";
import type { CommandContext } from "../commands/context.ts";
import { buildCommands } from "./commands_table.ts";
import { type GlobalFlag, globalFlags, longName } from "./flags.ts";
import type { HelpTopic } from "./help_topic.ts";
import { helpTopics } from "./help_topics.ts";
import { buildRoutes } from "./routes.ts";

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
  /** The description beyond the brief; empty if there is none. */
  readonly description: string;
  readonly flags: readonly ManualFlag[];
  readonly arguments: readonly ManualArgument[];
  readonly isHidden: boolean;
}

type Entry = ReturnType<RouteMap<CommandContext>["getAllEntries"]>[number];
type Target = Extract<Entry["target"], { parameters: unknown }>;
type Parameters = Target["parameters"];
type Flag = NonNullable<Parameters["flags"]>[string];

/** The program as its manual describes it. */
export interface ManualProgram {
  /** Its purpose, in one sentence. */
  readonly brief: string;
  /** In the order of the help. */
  readonly commands: readonly ManualCommand[];
  /** The topics of `help` besides commands. */
  readonly topics: readonly HelpTopic[];
}

/** Describes the program with these back ends. */
export function describeProgram(backends: readonly Backend[]): ManualProgram {
  const globals = globalFlags(backends);
  const routes = buildRoutes(buildCommands(globals));
  const commands = describeCommands(routes, globals);
  return {
    brief: routes.brief,
    commands,
    get topics() {
      return helpTopics(backends);
    },
  };
}

type GlobalFlags = Readonly<Record<string, GlobalFlag>>;

function describeCommands(
  routes: RouteMap<CommandContext>,
  globals: GlobalFlags,
): ManualCommand[] {
  return routes.getAllEntries().flatMap(({ name, target, aliases, hidden }) =>
    "parameters" in target
      ? [{
        name: name.original,
        aliases,
        brief: target.brief,
        description: DESCRIPTIONS[name.original] ?? "",
        // Completion needs the flags of one command only.
        get flags() {
          return describeFlags(target.parameters, globals);
        },
        get arguments() {
          return describeArguments(target.parameters);
        },
        isHidden: hidden,
      }]
      : []
  );
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
