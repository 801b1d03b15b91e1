import type { CallingProgram } from "../host.ts";

/** More than this deep is a loop of what /proc says while processes come and go. */
const MOST = 32;

/** The programs behind this process, its parent first; empty where the system does not show them. */
export function callingPrograms(): CallingProgram[] {
  if (Deno.build.os !== "linux") return [];
  const callers: CallingProgram[] = [];
  for (let pid = Deno.ppid; pid > 1 && callers.length < MOST;) {
    const found = readCaller(pid);
    if (found === undefined) break;
    callers.push(found.program);
    pid = found.parent;
  }
  return callers;
}

function readCaller(pid: number): { program: CallingProgram; parent: number } | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // proc_pid_stat(5): the name, field 2, stands in parentheses and may hold anything; 4 is the parent, 6
    // the session, 22 the start in ticks since the machine's.
    const end = stat.lastIndexOf(")");
    const name = stat.slice(stat.indexOf("(") + 1, end);
    const fields = stat.slice(end + 2).split(" ");
    const program = {
      name,
      pid,
      started: fields[19] ?? "",
      leadsSession: Number(fields[3]) === pid,
    };
    return { program, parent: Number(fields[1]) };
  } catch {
    return undefined;
  }
}
