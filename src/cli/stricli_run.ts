/** Runs a command line with stricli: help for mistakes, and every line that is not plain. */

import {
  AliasNotFoundError,
  ArgumentParseError,
  buildApplication,
  EnumValidationError,
  FlagNotFoundError,
  run,
  text_en,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import type { CommandContext } from "../commands/context.ts";
import { VaultError } from "../errors.ts";
import type { Host, Output } from "../host.ts";
import { printDocument, renderLines } from "../print.ts";
import { quote } from "../text.ts";
import { hintsOfNear } from "../near_names.ts";
import { COMMAND_ALIASES, type CommandDefinition } from "./commands_table.ts";
import { longName } from "./flags.ts";
import { describeError } from "./output.ts";
import { ownEntry } from "./plain_line.ts";
import { buildRoutes } from "./routes.ts";
import { COMMANDS_OF_7, FLAGS_OF_7 } from "./version_7.ts";

const BAD_USAGE_EXIT_CODE = 2;

const SEE_HELP = "See: aws-vault --help";

/** Stricli writes its exit code here, unless one is already set. */
interface StricliProcess {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string>>;
  exitCode?: number;
}

/** The parameters of a run. */
export interface StricliRun {
  readonly inputs: readonly string[];
  readonly commands: Readonly<Record<string, CommandDefinition>>;
  /** Additional names for help, loaded if needed. */
  readonly topics: readonly string[];
  readonly context: CommandContext;
  readonly isDebug: boolean;
  /** Called with the error of a command, after it was printed. */
  readonly onFailure: (error: unknown) => void;
}

/** Reads and runs a line, prints its mistakes, and gives the exit code. */
export async function runByStricli(
  { inputs, context, ...line }: StricliRun,
  { stdout, stderr }: Pick<Host, "stdout" | "stderr">,
): Promise<number> {
  const process: StricliProcess = { stdout: asItIs(stdout), stderr: asItIs(stderr), env: {} };
  await run(buildApp({ ...line, inputs, words: context.words }), inputs, { ...context, process });
  const code = process.exitCode ?? 0;
  // Stricli's own exit codes for a line that it cannot read are negative.
  return code < 0 || code > 255 ? BAD_USAGE_EXIT_CODE : code;
}

/** Stricli prints the lines of `localization` below, which are already rendered. */
function asItIs(output: Output): Output {
  return { ...output, write: (text) => printDocument(output, text) };
}

type Line = Omit<StricliRun, "context"> & Pick<CommandContext, "words">;

function buildApp({ inputs, words, commands, topics, isDebug, onFailure }: Line) {
  const format = (error: unknown) => renderLines(describeError(error, isDebug)).trimEnd();
  const fail = (error: unknown) => {
    onFailure(error);
    return format(error);
  };
  return buildApplication(buildRoutes(commands), {
    name: "aws-vault",
    versionInfo: {
      getCurrentVersion: async () => `v${(await import("../commands/version.ts")).VERSION}`,
    },
    scanner: {
      caseStyle: "allow-kebab-for-camel",
      allowArgumentEscapeSequence: true,
    },
    documentation: {
      caseStyle: "convert-camel-to-kebab",
      disableAnsiColor: true,
      onlyRequiredInUsageLine: true,
    },
    determineExitCode: (error) => error instanceof VaultError ? error.exitCode : 1,
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: fail,
        exceptionWhileLoadingCommandFunction: format,
        exceptionWhileLoadingCommandContext: format,
        commandErrorResult: format,
        exceptionWhileParsingArguments: (error) => format(usageError(error, inputs, commands)),
        noCommandRegisteredForInput: ({ input }) =>
          format(unknownCommand(input, { words, commands, topics })),
      },
    },
  });
}

function unknownCommand(
  input: string,
  { words, commands, topics }: Pick<Line, "words" | "commands" | "topics">,
): VaultError {
  const flag = unknownFlagBefore(input, words, commands);
  if (flag !== undefined) return unknownFlag(flag, words, commands);
  const known = ownEntry(COMMANDS_OF_7, input);
  const names = [...Object.keys(commands), ...Object.keys(COMMAND_ALIASES), "help", ...topics];
  return new VaultError("bad-usage", `There is no command ${quote(input)}`, {
    hints: [...known ?? hintsOfNear(input, names), SEE_HELP],
  });
}

/** A flag's parser itself describes what it needs. */
function usageError(
  error: unknown,
  inputs: readonly string[],
  commands: StricliRun["commands"],
): VaultError {
  if (error instanceof ArgumentParseError && error.exception instanceof VaultError) {
    return error.exception;
  }
  if (error instanceof FlagNotFoundError) {
    return unknownFlag(`--${error.input}`, inputs, commands);
  }
  if (error instanceof AliasNotFoundError) return unknownFlag(`-${error.input}`, inputs, commands);
  const near = error instanceof EnumValidationError ? hintsOfNear(error.input, error.values) : [];
  return new VaultError("bad-usage", describeMistake(error), { hints: [...near, SEE_HELP] });
}

/** Stricli's own messages use the code's names of flags, or none. */
function describeMistake(error: unknown): string {
  if (error instanceof EnumValidationError) {
    const { externalFlagName, input, values } = error;
    return `Cannot understand --${externalFlagName}: ${quote(input)} is not one of ${
      values.join(", ")
    }`;
  }
  if (error instanceof UnsatisfiedFlagError) {
    return `Cannot understand --${error.externalFlagName}: its value is missing`;
  }
  if (error instanceof UnexpectedFlagError) {
    return `Cannot understand --${error.externalFlagName}: it is given twice`;
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return `Cannot understand the command: <${error.placeholder}> is missing`;
  }
  if (error instanceof UnexpectedPositionalError) {
    return `Cannot understand ${quote(error.input)}: it is an extra argument`;
  }
  // Only flags without a value lack a parser of ours.
  if (error instanceof ArgumentParseError) {
    const { externalFlagNameOrPlaceholder: name, input } = error;
    return `Cannot understand --${name}: ${quote(input)} is neither true nor false`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** The long spellings of the flags of these commands. */
function flagsOf(commands: readonly CommandDefinition[]): Set<string> {
  return new Set(
    commands.flatMap(({ parameters }) => Object.keys(parameters.flags ?? {}).map(longName)),
  );
}

/** An unknown flag in place of a command, or before it: an unknown word may be the value of that flag. */
function unknownFlagBefore(
  input: string,
  words: readonly string[],
  commands: StricliRun["commands"],
): string | undefined {
  const known = flagsOf(Object.values(commands)).add("--help").add("--version");
  return words.slice(0, words.indexOf(input) + 1)
    .filter((word) => word.startsWith("--"))
    .map((word) => word.split("=", 1)[0]!)
    .find((flag) => !known.has(flag) && !known.has(flag.replace(/^--no-/, "--")));
}

function unknownFlag(
  flag: string,
  inputs: readonly string[],
  commands: StricliRun["commands"],
): VaultError {
  const command = ownEntry(COMMAND_ALIASES, inputs[0] ?? "") ?? inputs[0] ?? "";
  const definition = ownEntry(commands, command);
  const flags = flagsOf(definition ? [definition] : Object.values(commands));
  const known = ownEntry(FLAGS_OF_7, flag);
  const near = flag.startsWith("--") ? hintsOfNear(flag, flags) : [];
  return new VaultError("bad-usage", `There is no flag ${quote(flag)}`, {
    hints: [
      ...(known ?? near),
      ...(known === undefined && inputs.includes("exec")
        ? ["If it is meant for the command that exec runs, put -- before that command"]
        : []),
      SEE_HELP,
    ],
  });
}
