import { VaultError } from "../errors.ts";
import { renderHelperEnvironment, renderOwnEnvironment } from "../helper_environment.ts";
import { type Host, ProgramFailure, type ProgramResult } from "../host.ts";
import { asClause, quote } from "../text.ts";
import { splitCommand, UnfinishedCommand } from "../split_command.ts";

/** A program that the config file names to give something: a code, or credentials. */
export interface Helper {
  readonly profile: string;
  /** The setting that names it, for messages. */
  readonly setting: string;
  readonly command: string;
  readonly timeoutMs: number;
  /** Variables that it gets besides our environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

type Deps = Pick<Host, "env" | "platform" | "programs">;

/**
 * Runs a helper without a shell, and gives its standard output.
 *
 * Its standard error goes to ours, where the person sees it; its standard input is empty, since ours
 * belongs to the child of `exec`. It gets no secret of ours and no AWS key, but the file store's
 * passphrase where it is this program itself. Throws `bad-config` for a command
 * line that cannot be split, and `helper-failed` naming profile, setting and program; never arguments
 * or output, which may be secret.
 */
export async function runHelper(deps: Deps, helper: Helper): Promise<string> {
  const [command, ...args] = helperWords(helper, deps.platform.os);
  const { code, stdout } = await start(deps, helper, command, args);
  if (code !== 0) throw helperFailure(helper, `${quote(command)} ended with exit code ${code}`);
  return new TextDecoder().decode(stdout);
}

/** The helper's program and its arguments; throws `bad-config`. */
export function helperWords(
  { profile, setting, command }: Omit<Helper, "timeoutMs">,
  os: Host["platform"]["os"],
): [string, ...string[]] {
  const of = `the ${setting} of profile ${quote(profile)}`;
  try {
    const [program, ...args] = splitCommand(command, os);
    if (program) return [program, ...args];
  } catch (error) {
    if (!(error instanceof UnfinishedCommand)) throw error;
    throw new VaultError("bad-config", `Cannot read ${of}: ${asClause(error.message)}`, {
      cause: error,
    });
  }
  throw new VaultError("bad-config", `Cannot run ${of}: it names no program`);
}

async function start(
  deps: Deps,
  helper: Helper,
  command: string,
  args: readonly string[],
): Promise<ProgramResult> {
  const { timeoutMs } = helper;
  const parent = deps.env.all();
  const env = { ...renderHelperEnvironment(parent), ...helper.env };
  const ownEnv = renderOwnEnvironment(deps.env);
  const request = { command, args, env, stderr: "inherit", timeoutMs } as const;
  try {
    return await deps.programs.run(ownEnv ? { ...request, ownEnv } : request);
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    throw helperFailure(helper, startProblem(command, error, timeoutMs), {
      hints: error.kind === "not-found" ? shellHints(command, args) : [],
      cause: error,
    });
  }
}

function startProblem(command: string, { kind, message }: ProgramFailure, ms: number): string {
  switch (kind) {
    case "not-found":
      return `there is no program ${quote(command)}`;
    case "not-executable":
      return `${quote(command)} is not executable`;
    case "timeout":
      return `${quote(command)} did not end within ${ms / 1000} s`;
    case "other":
      return asClause(message);
  }
}

/** A line that was written for a shell is the usual reason why its first word is not a program. */
function shellHints(command: string, args: readonly string[]): string[] {
  const forShell = /[~$|&;<>`*=]/.test([command, ...args].join(" "));
  return forShell ? ["It is run without a shell; write: sh -c '…'"] : [];
}

/** A `helper-failed` that names the profile and its setting. */
export function helperFailure(
  { profile, setting }: Pick<Helper, "profile" | "setting">,
  problem: string,
  options: { hints?: readonly string[]; cause?: unknown } = {},
): VaultError {
  const what = `The ${setting} of profile ${quote(profile)} failed: ${problem}`;
  return new VaultError("helper-failed", what, options);
}
