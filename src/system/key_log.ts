import { VaultError } from "../errors.ts";
import { readArguments } from "./arguments.ts";
import { executablePath } from "./executable.ts";
import { readEnvironment, readRawVariable } from "./process_environment.ts";

/** Carries the value of `SSLKEYLOGFILE` while this process starts itself again; removed at once. */
export const KEY_LOG_CARRIER = "AWS_VAULT_WITHHELD_SSLKEYLOGFILE";

/**
 * Starts this process again without `SSLKEYLOGFILE`, if that is set.
 *
 * The variable makes the runtime write the keys of every TLS connection to the named file. Anyone who
 * sets it to debug this or another program would reveal the traffic with AWS. The runtime reads it
 * before our first line runs, so only execve helps. The child of `exec` gets it back. Without execve
 * (Windows), and when run from the sources, the variable takes effect.
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
