import { renderHelperEnvironment } from "../../src/helper_environment.ts";
import { type Host, ProgramFailure } from "../../src/host.ts";

/**
 * The path of this process's terminal, such as `/dev/pts/3`, or `undefined` if it has none.
 *
 * gpg-agent is in a separate process session, so `/dev/tty` would not be a terminal for its
 * pinentry.
 */
export async function findTerminalPath(
  deps: Pick<Host, "env" | "files" | "platform" | "programs">,
): Promise<string | undefined> {
  if (deps.platform.os === "linux") {
    return terminalOfStat(deps.files.readText(`/proc/${deps.platform.pid}/stat`) ?? "");
  }
  try {
    const args = ["-o", "tty=", "-p", String(deps.platform.pid)];
    const env = renderHelperEnvironment(deps.env.all());
    const { stdout } = await deps.programs.run({ command: "ps", args, env, timeoutMs: 2_000 });
    const name = new TextDecoder().decode(stdout).trim();
    return /^tty\w+$/.test(name) ? `/dev/${name}` : undefined;
  } catch (error) {
    if (error instanceof ProgramFailure) return undefined;
    throw error;
  }
}

/**
 * The terminal in a line of `/proc/PID/stat` (proc_pid_stat(5)): the 7th field is its device number.
 * Majors from 136 are pseudo-terminals, and 4 is the console (Linux, devices.txt).
 */
export function terminalOfStat(stat: string): string | undefined {
  // The program's name is in parentheses, and may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const device = Number(fields[4] ?? 0);
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `/dev/pts/${(major - 136) * 256 + minor}`;
  return major === 4 && minor < 64 ? `/dev/tty${minor}` : undefined;
}
