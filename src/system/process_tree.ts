/** Ends a program together with everything that it started. */

import { HELPER_MARK } from "../helper_environment.ts";

/** How long a program may take to end by itself. */
const GRACE_MS = 1000;
const LOOK_AGAIN_MS = 25;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Whether it has ended, but its parent has not noticed yet. */
  readonly isGone: boolean;
}

/**
 * Ends a program and what it started: by SIGTERM, and after a second by SIGKILL.
 *
 * A descendant in another process group left on purpose (an agent that stays in the background) and is
 * spared. The program itself is in our group, not in a separate one: a background group cannot ask at the
 * terminal, and a kill of our whole group has to reach the program.
 *
 * On Ctrl-C the program ends before this runs, and a descendant that ignores the signal has lost its parent:
 * on Linux it is found by the mark in its environment ({@linkcode newMark}). Without `root` only those are
 * ended: the program is known to be gone, and its id may be another's by now.
 */
export async function endTree(root: number | undefined, mark?: string): Promise<void> {
  const all = listProcesses();
  const marked = mark === undefined ? [] : markedWith(mark, all);
  const roots = root === undefined ? marked : [root, ...marked];
  const tree = new Set(roots.flatMap((pid) => [...treeOf(pid, all)]));
  signalAll(tree, "SIGTERM");
  const start = performance.now();
  while (performance.now() - start < GRACE_MS && living(tree).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  const now = listProcesses();
  const started = living(tree, now).flatMap((pid) => [...treeOf(pid, now)]);
  signalAll(new Set(started), "SIGKILL");
}

/** A unique mark for the environment of a program, the value of {@linkcode HELPER_MARK}. */
export function newMark(): string {
  return crypto.randomUUID();
}

/** The processes of our group that have a mark in their environment. */
function markedWith(mark: string, all: readonly Process[]): number[] {
  if (Deno.build.os !== "linux") return [];
  const own = all.find(({ pid }) => pid === Deno.pid)?.group;
  const candidates = all.filter(({ group, isGone }) => group === own && !isGone);
  return candidates.map(({ pid }) => pid).filter((pid) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/environ`).includes(`${HELPER_MARK}=${mark}`);
    } catch {
      return false;
    }
  });
}

/** The process and its descendants in the same group. */
function treeOf(root: number, all: readonly Process[]): ReadonlySet<number> {
  const group = all.find(({ pid }) => pid === root)?.group;
  const found = new Set([root]);
  for (const pid of found) {
    for (const child of all) {
      if (child.parent === pid && child.group === group) found.add(child.pid);
    }
  }
  return found;
}

function living(pids: ReadonlySet<number>, all = listProcesses()): number[] {
  return all.filter(({ pid, isGone }) => pids.has(pid) && !isGone).map(({ pid }) => pid);
}

function signalAll(pids: ReadonlySet<number>, signal: Deno.Signal): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

/** All processes; empty if the system does not show them (Windows). */
function listProcesses(): Process[] {
  if (Deno.build.os === "darwin") return listByPs();
  if (Deno.build.os !== "linux") return [];
  try {
    const names = [...Deno.readDirSync("/proc")].map(({ name }) => name);
    return names.filter((name) => /^\d+$/.test(name)).flatMap(readProcess);
  } catch {
    return [];
  }
}

function readProcess(pid: string): Process[] {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name of the program, field 2 of proc_pid_stat(5), is in parentheses and may hold anything.
    const [state = "", parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [process(pid, parent, group, state)];
  } catch {
    return [];
  }
}

function listByPs(): Process[] {
  const args = ["-axo", "pid=,ppid=,pgid=,state="];
  const { stdout } = new Deno.Command("/bin/ps", { args, stderr: "null" }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean).map((line) => {
    const [pid, parent, group, state = ""] = line.trim().split(/\s+/);
    return process(pid, parent, group, state);
  });
}

function process(pid?: string, parent?: string, group?: string, state = ""): Process {
  const isGone = /^[ZX]/.test(state);
  return { pid: Number(pid), parent: Number(parent), group: Number(group), isGone };
}
