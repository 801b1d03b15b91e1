/**
 * Runs `pass` and `passage`: secrets go only over standard input and output, nobody is asked if
 * prompts are not allowed, and kinds of failure are distinguished.
 */

import { renderDesktopEnvironment } from "../../src/helper_environment.ts";
import { type Host, ProgramFailure, type ProgramResult } from "../../src/host.ts";
import { passFailed, passNotRun } from "./failure.ts";
import { findTerminalPath } from "./terminal.ts";

/** What running them touches. */
export type PassProgramDeps = Pick<Host, "env" | "files" | "platform" | "programs" | "terminal">;

/** Which of the two programs, and how it is called. */
export interface PassProgram {
  readonly backend: "pass" | "passage";
  /** `--pass-cmd`, a name in `PATH` or a path. */
  readonly command: string;
  /** The variable that gives the program its store's folder, such as `PASSWORD_STORE_DIR`. */
  readonly storeVariable: string;
  readonly folder: string;
  readonly mayPrompt: boolean;
  readonly limits?: PassLimits | undefined;
}

/** How long one call may take. */
export interface PassLimits {
  /** If a person may have to type something. */
  readonly promptMs: number;
  readonly callMs: number;
}

/** The SDKs wait a minute for the whole invocation. */
const DEFAULT_LIMITS: PassLimits = { promptMs: 60_000, callMs: 10_000 };

/** One call; `doing` is for messages, for example `read "work" from`. */
export interface PassCall {
  readonly doing: string;
  readonly args: readonly string[];
  readonly stdin?: string | undefined;
}

/** Runs one call and returns its standard output; throws if the program fails. */
export async function runPass(
  deps: PassProgramDeps,
  program: PassProgram,
  call: PassCall,
): Promise<Uint8Array<ArrayBuffer>> {
  const mayAsk = program.mayPrompt && await canAsk(deps);
  const result = await start(deps, program, call, mayAsk);
  if (result.code === 0) return result.stdout;
  throw passFailed(program, call, result.stderr, result.code);
}

async function start(
  deps: PassProgramDeps,
  program: PassProgram,
  call: PassCall,
  mayAsk: boolean,
): Promise<ProgramResult> {
  const { promptMs, callMs } = program.limits ?? DEFAULT_LIMITS;
  const env = await renderEnvironment(deps, program, mayAsk);
  const [command, ...before] = withoutTerminal(deps, program, mayAsk);
  try {
    return await deps.programs.run({
      command: command!,
      args: [...before, ...call.args],
      stdin: call.stdin,
      env,
      timeoutMs: mayAsk ? promptMs : callMs,
    });
  } catch (cause) {
    if (cause instanceof ProgramFailure) throw passNotRun(program, call, cause, mayAsk);
    throw cause;
  }
}

/**
 * A pinentry reaches a person on a terminal or a display; macOS and its Keychain always have one.
 */
async function canAsk({ env, platform, terminal }: PassProgramDeps): Promise<boolean> {
  if (platform.os !== "linux" || env.get("DISPLAY") || env.get("WAYLAND_DISPLAY")) return true;
  return await terminal.isAvailable();
}

async function renderEnvironment(
  deps: PassProgramDeps,
  program: PassProgram,
  mayAsk: boolean,
): Promise<Record<string, string>> {
  const env = renderDesktopEnvironment(deps.env.all());
  env[program.storeVariable] = program.folder;
  if (program.backend === "passage") return env;
  // The status lines are for programs; gpg's messages to people depend on the language.
  const options = [env["PASSWORD_STORE_GPG_OPTS"], "--status-fd=2"];
  if (!mayAsk) options.push("--pinentry-mode=error");
  env["PASSWORD_STORE_GPG_OPTS"] = options.filter(Boolean).join(" ");
  // pass looks for a terminal on its standard input, which is a pipe here.
  const tty = env["GPG_TTY"] || (mayAsk ? await findTerminalPath(deps) : undefined);
  if (tty !== undefined) env["GPG_TTY"] = tty;
  return env;
}

/**
 * age asks on the terminal itself, and has no option to prevent it: a separate process session has
 * no terminal. (On macOS, which has no `setsid`, its question stays until the time limit.)
 */
function withoutTerminal(
  { programs }: PassProgramDeps,
  { backend, command }: PassProgram,
  mayAsk: boolean,
): string[] {
  const setsid = backend === "passage" && !mayAsk ? programs.find("setsid") : undefined;
  return setsid === undefined ? [command] : [setsid, "--wait", command];
}
