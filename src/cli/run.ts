import {
  AliasNotFoundError,
  ArgumentParseError,
  buildApplication,
  FlagNotFoundError,
  run as runStricli,
  text_en,
} from "@stricli/core";
import type { Backend } from "../backend.ts";
import type { CommandContext } from "../commands/context.ts";
import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { escapeControls, quote } from "../text.ts";
import { arrangeArguments, type FlagKnowledge } from "./arguments.ts";
import { GLOBAL_TAKES_VALUE } from "./flags.ts";
import { helpTopic } from "./manual_topic.ts";
import { renderError } from "./output.ts";
import { buildRoutes, COMMANDS_WITH_CHILD } from "./routes.ts";
import { openSession, type ProgramSession } from "./session.ts";
import { VERSION } from "./version.ts";

const FLAG_KNOWLEDGE: FlagKnowledge = {
  globalTakesValue: GLOBAL_TAKES_VALUE,
  shortWithValue: new Set(["-d", "-t"]),
  commandsWithChild: COMMANDS_WITH_CHILD,
};

const BAD_USAGE_EXIT_CODE = 2;

/** Stricli writes its exit code here, unless there is one already. */
interface StricliProcess {
  readonly stdout: Host["stdout"];
  readonly stderr: Host["stderr"];
  readonly env: Readonly<Record<string, string>>;
  exitCode?: number;
}

/**
 * Runs the program on a host, and gives its exit code (see `EXIT_CODES`, or the child's of `exec`).
 *
 * The only place that prints errors; nothing below it writes to standard error but by `Talk`.
 */
export async function run(
  words: readonly string[],
  host: Host,
  backends: readonly Backend[],
): Promise<number> {
  if (words[0]?.startsWith("--complet")) { // --complete, and aws-vault 7's --completion-…
    return (await import("./completion.ts")).answerCompletion(words, host, backends);
  }
  const { inputs, childWords } = arrangeArguments(words, FLAG_KNOWLEDGE);
  if (await printHelp(inputs, host)) return 0;
  const sessions: ProgramSession[] = [];
  let failure: unknown;
  let exitCode = 0;
  const process: StricliProcess = { stdout: host.stdout, stderr: host.stderr, env: {} };
  const context: CommandContext & { process: StricliProcess } = {
    process,
    childWords,
    open(flags) {
      const session = openSession(host, backends, flags);
      sessions.push(session);
      return session;
    },
    exitWith(code) {
      exitCode = code;
    },
  };
  const isDebug = words.includes("--debug");
  try {
    // What is left of `help NAME` is a name that there is no command of.
    const asked = inputs[0] === "help" ? inputs.slice(1) : inputs;
    await runStricli(buildApp(isDebug, (error) => failure = error), asked, context);
    for (const session of sessions) await session.sayWhereKeysAre(failure);
  } finally {
    for (const session of sessions) await session.close();
  }
  return settleExitCode(process.exitCode, exitCode);
}

/** Prints the help that the words ask for, and says whether they do. */
async function printHelp(inputs: readonly string[], host: Pick<Host, "stdout">): Promise<boolean> {
  const topic = helpTopic(inputs);
  if (topic === undefined) return false;
  const { renderHelp } = await import("./manual_help.ts");
  const { describeCommands, describeProgram } = await import("./manual_commands.ts");
  const routes = buildRoutes();
  const help = renderHelp(describeProgram(routes), describeCommands(routes), topic);
  if (help !== undefined) host.stdout.write(help);
  return help !== undefined;
}

/** Stricli's own codes for a line that it cannot read are negative. */
function settleExitCode(stricliCode: number | undefined, childCode: number): number {
  const code = stricliCode ?? 0;
  if (code === 0) return childCode;
  return code < 0 || code > 255 ? BAD_USAGE_EXIT_CODE : code;
}

function buildApp(isDebug: boolean, onFailure: (error: unknown) => void) {
  const format = (error: unknown) => renderError(error, isDebug).trimEnd();
  const fail = (error: unknown) => {
    onFailure(error);
    return format(error);
  };
  return buildApplication(buildRoutes(), {
    name: "aws-vault",
    versionInfo: { currentVersion: VERSION },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
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
        exceptionWhileParsingArguments: (error) => format(usageError(error)),
        noCommandRegisteredForInput: ({ input, corrections }) =>
          format(unknownCommand(input, corrections)),
      },
    },
  });
}

function unknownCommand(input: string, corrections: readonly string[]): VaultError {
  const meant = corrections.length > 0 ? [`Did you mean ${corrections.join(" or ")}?`] : [];
  return new VaultError("bad-usage", `There is no command ${quote(input)}`, {
    hints: [...meant, "See: aws-vault --help"],
  });
}

/** A flag's parser says itself what it wants; the rest is stricli's message. */
function usageError(error: unknown): VaultError {
  if (error instanceof ArgumentParseError && error.exception instanceof VaultError) {
    return error.exception;
  }
  const isUnknown = error instanceof FlagNotFoundError || error instanceof AliasNotFoundError;
  const message = error instanceof Error ? error.message : String(error);
  return new VaultError("bad-usage", escapeControls(message), {
    hints: [
      ...(isUnknown
        ? ["If it is meant for the command that exec runs, put -- before that command"]
        : []),
      "See: aws-vault --help",
    ],
  });
}
