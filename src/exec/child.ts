import { VaultError } from "../errors.ts";
import { type Host, ProgramFailure } from "../host.ts";
import { quote } from "../text.ts";

/** The program that `exec` runs, and its whole environment. */
export interface Child {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether to stay beside the child instead of becoming it, because this process serves something. */
  readonly attended?: boolean | undefined;
}

/**
 * Becomes the child, or runs it to its end and returns its exit code, 128 + n for signal n.
 *
 * With execve the child has our pid, terminal and parent, so that signals and exit codes pass directly
 * between child and parent (https://github.com/99designs/aws-vault/issues/107). Throws
 * `command-not-found` (127) and `command-not-executable` (126), a shell's exit codes. Errors name the
 * program but never its arguments, which may hold a password or a token.
 */
export async function execChild(deps: Pick<Host, "programs">, child: Child): Promise<number> {
  const { command, args, env, attended } = child;
  const path = deps.programs.find(command);
  if (path === undefined) throw notFound(command);
  try {
    if (!attended) await deps.programs.replace(path, args, env, command);
    return await deps.programs.attend(path, args, env);
  } catch (error) {
    throw error instanceof ProgramFailure ? startError(command, error) : error;
  }
}

/** What to do if the name of a command contains white space. */
export const SEPARATE_WORDS =
  "Give the command and its arguments as separate words: aws-vault exec PROFILE -- ls -l";

function startError(command: string, cause: ProgramFailure): VaultError {
  if (cause.kind === "not-found") return notFound(command, cause);
  // The usual reason behind a bare "not found" is a first line that names a missing interpreter.
  return new VaultError("command-not-executable", cause.message, { cause });
}

function notFound(command: string, cause?: ProgramFailure): VaultError {
  const hints = /\s/.test(command) ? [SEPARATE_WORDS] : [];
  const message = cause?.message ??
    `Cannot run ${quote(command)}: there is no such program${
      command.includes("/") ? "" : " in PATH"
    }`;
  return new VaultError("command-not-found", message, { hints, cause });
}
