import { VaultError } from "../errors.ts";
import { renderHelperEnvironment, renderOwnEnvironment } from "../helper_environment.ts";
import { type Host, ProgramFailure, type ProgramResult } from "../host.ts";
import { asClause, quote } from "../text.ts";
import { enterHelper } from "./helper_chain.ts";
import { splitCommand, UnfinishedCommand } from "../split_command.ts";
import { type HelperStart, isForShell, roughWords, shellStart } from "./helper_line.ts";

/** A program that the config file names for a code or credentials. */
export interface Helper {
  readonly profile: string;
  /** The setting that names it, for messages. */
  readonly setting: string;
  readonly command: string;
  readonly timeoutMs: number;
}

type Deps = Pick<Host, "env" | "platform" | "programs" | "terminal">;

/**
 * Runs a helper's line as a shell does (`/bin/sh -c`, `cmd.exe /C`), and returns its standard output.
 *
 * A terminal, if there is one, is the helper's standard input and error: it can ask the person there, and its
 * request to touch a key is visible even if an SDK captures our standard error. Otherwise its input is empty,
 * since ours belongs to the child of `exec`, and its error goes to ours. It gets no secret of ours and no AWS
 * key, except the file store's passphrase if it is this program itself. Throws `bad-config` for a line with
 * an unclosed quotation and for a helper that leads back to itself, and `helper-failed` naming profile,
 * setting and program, but never arguments or output, which may be secret.
 */
export async function runHelper(deps: Deps, given: Helper): Promise<string> {
  const { os } = deps.platform;
  const helper = withoutOuterQuotes(deps, given);
  const start = isForShell(helper.command, os)
    ? shellStart(helper.command, os)
    : asStart(helperWords(helper, os));
  const { code, stdout } = await startHelper(deps, helper, start);
  if (code !== 0) {
    throw helperFailure(helper, `${programOf(helper, os)} ended with exit code ${code}`);
  }
  return new TextDecoder().decode(stdout);
}

/**
 * A line that is quoted as a whole, such as `"op item get work --otp"`, is not the name of a
 * program: aws-vault 7 removes the quotes and runs the content.
 */
function withoutOuterQuotes({ platform, programs }: Deps, helper: Helper): Helper {
  const [line = "", ...others] = roughWords(helper.command, platform.os);
  const isQuoted = others.length === 0 && /\s/.test(line) && /^\s*(["'])/.test(helper.command);
  return isQuoted && programs.find(line) === undefined ? { ...helper, command: line } : helper;
}

function asStart([command, ...args]: [string, ...string[]]): HelperStart {
  return { command, args };
}

/** The helper in messages: its program; no word of a line for the shell, which may be secret. */
function programOf(helper: Helper, os: Host["platform"]["os"]): string {
  return isForShell(helper.command, os) ? "its line" : quote(helperWords(helper, os)[0]);
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

async function startHelper(
  deps: Deps,
  helper: Helper,
  start: HelperStart,
): Promise<ProgramResult> {
  const { timeoutMs } = helper;
  const env = { ...renderHelperEnvironment(deps.env.all()), ...enterHelper(deps, helper) };
  const ownEnv = renderOwnEnvironment(deps.env);
  const terminal = await deps.terminal.isAvailable();
  const stderr = terminal ? {} : { stderr: "inherit" } as const;
  const request = { ...start, env, ...stderr, ...(terminal && { terminal }), timeoutMs };
  try {
    return await deps.programs.run(ownEnv ? { ...request, ownEnv } : request);
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    const program = programOf(helper, deps.platform.os);
    throw helperFailure(helper, startProblem(program, error, timeoutMs), { cause: error });
  }
}

function startProblem(program: string, { kind, message }: ProgramFailure, ms: number): string {
  switch (kind) {
    case "not-found":
      return `there is no program ${program}`;
    case "not-executable":
      return `${program} is not executable`;
    case "timeout":
      return `${program} did not end within ${ms / 1000} s`;
    case "other":
      return asClause(message);
  }
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
