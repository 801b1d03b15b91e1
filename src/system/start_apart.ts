import { ProgramFailure, type ProgramRequest } from "../host.ts";
import { quote } from "../text.ts";
import { openLibc } from "./ffi/libc.ts";
import { underInheritedLimit } from "./open_file_limit.ts";
import { wellFormed } from "./process_environment.ts";
import { findProgram } from "./program_path.ts";
import { startFailure } from "./start_failure.ts";

/** A program that cannot do its task ends within this time. */
const AT_ONCE_MS = 2_000;

/** Starts a program in a new POSIX session, so that neither Ctrl-C nor the end of this process ends it. */
export async function startApart(
  { command, args, env }: Pick<ProgramRequest, "command" | "args" | "env">,
): Promise<number | undefined> {
  const path = findProgram(command, env);
  if (path === undefined) {
    const message = `Cannot start ${quote(command)}: there is no such program`;
    throw new ProgramFailure("not-found", message);
  }
  const child = start(path, args, env);
  child.unref();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), AT_ONCE_MS);
  Deno.unrefTimer(timer);
  const ended = await Promise.race([child.status, promise]);
  clearTimeout(timer);
  return ended?.code;
}

function start(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const command = new Deno.Command(path, {
    args: [...args],
    env: wellFormed({ ...env }),
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  });
  try {
    return underInheritedLimit(openLibc(), () => command.spawn());
  } catch (error) {
    throw startFailure(path, error);
  }
}
