import { VaultError } from "../errors.ts";
import { type Host, ProgramFailure } from "../host.ts";
import { quote } from "../text.ts";

/** The program that `exec` runs, and its whole environment. */
export interface Child {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Stay beside the child instead of becoming it, because this process has something to serve. */
  readonly attended?: boolean | undefined;
}

/**
 * Becomes the child, or runs it to its end and gives its exit code, 128 + n for signal n.
 *
 * By execve the child has our pid, our terminal and our parent, so that signals and exit codes are
 * between these two (https://github.com/99designs/aws-vault/issues/107). Throws `command-not-found`
 * (127) and `command-not-executable` (126), the codes of a shell. Errors name the program and never
 * its arguments, which may hold a password or a token.
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

/** What to do where the name of a command has white space in it. */
export const SEPARATE_WORDS =
  "Give the command and its arguments as separate words: aws-vault exec PROFILE -- ls -l";

function startError(command: string, cause: ProgramFailure): VaultError {
  if (cause.kind === "not-found") return notFound(command, cause);
  // A first line that names a missing interpreter is the usual reason behind a bare "not found".
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
