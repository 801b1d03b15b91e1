import { executablePath } from "./executable.ts";

/** A longer chain of processes is not followed. */
const MOST = 64;

/**
 * The processes above this one that run this program's file, nearest first; none if the system does not
 * show them (proc_pid_stat(5), proc_pid_exe(5); Linux only).
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
    // The process has ended, or belongs to another user.
    return undefined;
  }
}
