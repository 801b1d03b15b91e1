import type { CallingProgram } from "../host.ts";

/** A deeper chain is a loop, which /proc can show while processes come and go. */
const MOST = 32;

/** A process and its parent. */
interface Caller {
  readonly program: CallingProgram;
  readonly parent: number;
}

/** Finds a process by its id. */
type Find = (pid: number) => Caller | undefined;

/** The programs above this process, its parent first; empty if the system does not show them (Windows). */
export function callingPrograms(): CallingProgram[] {
  if (Deno.build.os === "windows") return [];
  return climb(Deno.build.os === "linux" ? readCaller : findByPs());
}

/** The same from `ps`, which works on Linux and macOS (ps(1), `-axo`). */
export function callingProgramsByPs(): CallingProgram[] {
  return climb(findByPs());
}

function climb(find: Find): CallingProgram[] {
  const callers: CallingProgram[] = [];
  for (let pid = Deno.ppid; pid > 1 && callers.length < MOST;) {
    const found = find(pid);
    if (found === undefined) break;
    callers.push(found.program);
    pid = found.parent;
  }
  return callers;
}

/** Reads all processes at once, since a chain of them is needed. */
function findByPs(): Find {
  const all = new Map<number, Caller>();
  for (const line of runPs().split("\n")) {
    // The start time is five words. The name comes last and may contain anything.
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+(?:\s+\S+){4})\s+(.*)$/.exec(line);
    if (found === null) continue;
    const [, pid, parent, state = "", started = "", path = ""] = found;
    const program = {
      // On macOS it is a path.
      name: path.slice(path.lastIndexOf("/") + 1),
      pid: Number(pid),
      started,
      leadsSession: state.includes("s"),
    };
    all.set(Number(pid), { program, parent: Number(parent) });
  }
  return (pid) => all.get(pid);
}

function runPs(): string {
  try {
    const { stdout } = new Deno.Command("/bin/ps", {
      args: ["-axo", "pid=,ppid=,stat=,lstart=,comm="],
      // One language and zone for times in every invocation, since they are compared.
      env: { LC_ALL: "C", TZ: "UTC0" },
      clearEnv: true,
      stdin: "null",
      stderr: "null",
    }).outputSync();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}

function readCaller(pid: number): Caller | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // proc_pid_stat(5): the name, field 2, is in parentheses and may contain anything; 4 is the parent, 6
    // the session, 22 the start in ticks since boot.
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
