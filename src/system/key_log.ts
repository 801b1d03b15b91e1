import { VaultError } from "../errors.ts";
import { readArguments } from "./arguments.ts";
import { executablePath } from "./executable.ts";
import { readEnvironment, readRawVariable } from "./process_environment.ts";

/** Where the value of `SSLKEYLOGFILE` is kept while this process starts itself again; taken away at once. */
export const KEY_LOG_CARRIER = "AWS_VAULT_WITHHELD_SSLKEYLOGFILE";

/**
 * Starts this process again, without `SSLKEYLOGFILE`, where that is set.
 *
 * It makes the runtime write the keys of every TLS connection into a file of that name, and so
 * anyone who sets it for a debugger's sake, or for another's, gives away what goes to AWS and comes
 * from there. The runtime reads it before the first line of ours, so that only execve helps. The
 * child of `exec` has it again. Where there is no execve (Windows), and from the sources, it is
 * obeyed.
 */
export async function shedKeyLog(): Promise<void> {
  const path = readRawVariable("SSLKEYLOGFILE");
  if (!path || !Deno.build.standalone) return;
  const { SSLKEYLOGFILE: _, ...env } = readEnvironment();
  const program = executablePath();
  if (program === undefined) {
    throw new VaultError(
      "unsupported",
      "Cannot start again without SSLKEYLOGFILE: the location of this program is not known",
      {
        hints: ["Unset SSLKEYLOGFILE, or mount /proc"],
      },
    );
  }
  const { replace } = await import("./child_programs.ts");
  replace(program, readArguments(), { ...env, [KEY_LOG_CARRIER]: path });
}
