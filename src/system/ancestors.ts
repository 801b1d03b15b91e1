import { executablePath } from "./executable.ts";

/** A chain of processes that is longer is not followed. */
const MOST = 64;

/**
 * The processes above this one that are this program, by their file, the nearest first; none where the
 * system does not show it (proc_pid_stat(5), proc_pid_exe(5); Linux only).
 */
export function ancestors(): number[] {
  const own = Deno.build.os === "linux" ? executablePath() : undefined;
  const found: number[] = [];
  if (own === undefined) return found;
  let pid = Deno.ppid;
  for (let steps = 0; pid > 1 && steps < MOST; steps++) {
    if (read(() => Deno.readLinkSync(`/proc/${pid}/exe`)) === own) found.push(pid);
    pid = parentOf(pid);
  }
  return found;
}

function parentOf(pid: number): number {
  const stat = read(() => Deno.readTextFileSync(`/proc/${pid}/stat`)) ?? "";
  // The name of the program, field 2, is in parentheses and may hold anything.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0) || 0;
}

function read(act: () => string): string | undefined {
  try {
    return act();
  } catch {
    // It has ended, or it is another user's.
    return undefined;
  }
}
