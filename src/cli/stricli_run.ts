/** Runs a command line by stricli: help for mistakes, and every line that is not plain. */

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
import type { CommandDefinition } from "./commands_table.ts";
import { describeError } from "./output.ts";
import { buildRoutes } from "./routes.ts";

const BAD_USAGE_EXIT_CODE = 2;

const SEE_HELP = "See: aws-vault --help";

/** Stricli writes its exit code here, unless there is one already. */
interface StricliProcess {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string>>;
  exitCode?: number;
}

/** How a line is run. */
export interface StricliRun {
  readonly inputs: readonly string[];
  readonly commands: Readonly<Record<string, CommandDefinition>>;
  readonly context: CommandContext;
  readonly isDebug: boolean;
  /** Called with what a command threw, after it was printed. */
  readonly onFailure: (error: unknown) => void;
}

/** Reads and runs a line, prints what is wrong with it, and gives the exit code. */
export async function runByStricli(
  { inputs, context, ...line }: StricliRun,
  { stdout, stderr }: Pick<Host, "stdout" | "stderr">,
): Promise<number> {
  const process: StricliProcess = { stdout: asItIs(stdout), stderr: asItIs(stderr), env: {} };
  await run(buildApp({ ...line, inputs }), inputs, { ...context, process });
  const code = process.exitCode ?? 0;
  // Stricli's own codes for a line that it cannot read are negative.
  return code < 0 || code > 255 ? BAD_USAGE_EXIT_CODE : code;
}

/** How stricli counts: two letters in the wrong order cost nothing. */
const WEIGHTS = { insertion: 1, deletion: 3, substitution: 2, transposition: 0 } as const;

/** A proposed command is one letter away: they are short, and so many are near. A flag may be further. */
function distanceOptions(first: string | undefined, commands: StricliRun["commands"]) {
  const isCommand = first !== undefined && Object.hasOwn(commands, first);
  return { threshold: isCommand ? 7 : 3, weights: WEIGHTS };
}

/** What stricli prints are the lines of `localization` below, rendered already. */
function asItIs(output: Output): Output {
  return { ...output, write: (text) => printDocument(output, text) };
}

function buildApp({ inputs, commands, isDebug, onFailure }: Omit<StricliRun, "context">) {
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
      distanceOptions: distanceOptions(inputs[0], commands),
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
        exceptionWhileParsingArguments: (error) => format(usageError(error, inputs)),
        noCommandRegisteredForInput: ({ input, corrections }) =>
          format(unknownCommand(input, corrections)),
      },
    },
  });
}

function unknownCommand(input: string, corrections: readonly string[]): VaultError {
  const meant = corrections.length > 0
    ? [`Did you mean ${corrections.join(" or ").replaceAll("`", "")}?`]
    : [];
  return new VaultError("bad-usage", `There is no command ${quote(input)}`, {
    hints: [...meant, SEE_HELP],
  });
}

/** A flag's parser says itself what it needs. */
function usageError(error: unknown, inputs: readonly string[]): VaultError {
  if (error instanceof ArgumentParseError && error.exception instanceof VaultError) {
    return error.exception;
  }
  if (error instanceof FlagNotFoundError) {
    return unknownFlag(`--${error.input}`, error.corrections, inputs);
  }
  if (error instanceof AliasNotFoundError) return unknownFlag(`-${error.input}`, [], inputs);
  return new VaultError("bad-usage", describeMistake(error), { hints: [SEE_HELP] });
}

/** Stricli's own messages name flags as the code does, or not at all. */
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
    return `Cannot understand ${quote(error.input)}: it is one argument too many`;
  }
  // Flags without a value are all that has no parser of ours.
  if (error instanceof ArgumentParseError) {
    const { externalFlagNameOrPlaceholder: name, input } = error;
    return `Cannot understand --${name}: ${quote(input)} is neither true nor false`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Stricli proposes flags by the names that they have in the code: `--noCache`. */
function unknownFlag(
  flag: string,
  corrections: readonly string[],
  inputs: readonly string[],
): VaultError {
  const meant = corrections.map((name) => `--${name.replace(/^--/, "").replace(/[A-Z]/g, kebab)}`);
  return new VaultError("bad-usage", `There is no flag ${quote(flag)}`, {
    hints: [
      ...(meant.length > 0 ? [`Did you mean ${meant.join(" or ")}?`] : []),
      ...(inputs.includes("exec")
        ? ["If it is meant for the command that exec runs, put -- before that command"]
        : []),
      SEE_HELP,
    ],
  });
}

function kebab(letter: string): string {
  return `-${letter.toLowerCase()}`;
}
