import { buildApplication, run as runStricli, text_en } from "@stricli/core";
import type { Backend } from "../backend.ts";
import type { CommandContext, Session } from "../commands/context.ts";
import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { arrangeArguments, type FlagKnowledge } from "./arguments.ts";
import { GLOBAL_TAKES_VALUE } from "./flags.ts";
import { renderError } from "./output.ts";
import { buildRoutes, COMMANDS_WITH_CHILD } from "./routes.ts";
import { openSession } from "./session.ts";
import { VERSION } from "./version.ts";

const FLAG_KNOWLEDGE: FlagKnowledge = {
  globalTakesValue: GLOBAL_TAKES_VALUE,
  shortWithValue: new Set(["-d", "-t"]),
  commandsWithChild: COMMANDS_WITH_CHILD,
};

const BAD_USAGE_EXIT_CODE = 2;

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
  const { inputs, childWords } = arrangeArguments(words, FLAG_KNOWLEDGE);
  const sessions: Session[] = [];
  let exitCode = 0;
  const process = {
    stdout: host.stdout,
    stderr: host.stderr,
    env: {},
    exitCode: 0 as number | string | null,
  };
  const context: CommandContext & { process: typeof process } = {
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
    await runStricli(buildApp(isDebug), inputs, context);
  } finally {
    for (const session of sessions) await session.close();
  }
  return settleExitCode(process.exitCode, exitCode);
}

/** Stricli's own codes for a line that it cannot read are negative. */
function settleExitCode(stricliCode: number | string | null, childCode: number): number {
  const code = Number(stricliCode ?? 0);
  if (code === 0) return childCode;
  return code < 0 || code > 255 ? BAD_USAGE_EXIT_CODE : code;
}

function buildApp(isDebug: boolean) {
  const format = (error: unknown) => renderError(error, isDebug).trimEnd();
  return buildApplication(buildRoutes(), {
    name: "aws-vault",
    versionInfo: { currentVersion: VERSION },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", disableAnsiColor: true },
    determineExitCode: (error) => error instanceof VaultError ? error.exitCode : 1,
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: format,
        exceptionWhileLoadingCommandFunction: format,
        exceptionWhileLoadingCommandContext: format,
        commandErrorResult: format,
        exceptionWhileParsingArguments: (error) =>
          usageError(String(error instanceof Error ? error.message : error)),
        noCommandRegisteredForInput: ({ input, corrections }) =>
          usageError(
            `There is no command "${input}"`,
            corrections.length > 0 ? `Did you mean ${corrections.join(" or ")}?` : undefined,
          ),
      },
    },
  });
}

function usageError(message: string, hint = "See: aws-vault --help"): string {
  return `error: ${message}\nhint: ${hint}`;
}
