/**
 * Where the remaining time of a cached export goes, observed from outside with strace(1).
 *
 * Nothing is built into the program for it: the files that it opens and its other system calls show
 * its progress.
 */

import { median, type Subject } from "./bench_measure.ts";

/** A stretch of a run, in milliseconds. */
export interface Phase {
  readonly name: string;
  readonly ms: number;
}

/** A moment of a run: the first system call that matches, after the previous milestone. */
interface Milestone {
  /** The phase that ends here. */
  readonly phase: string;
  readonly call: RegExp;
}

/** The steps of `export` with a cached session and the kernel's keys. */
export const EXPORT_MILESTONES: readonly Milestone[] = [
  { phase: "runtime, modules, command line", call: /^openat\(.*\/\.aws\/config"/ },
  { phase: "config", call: /^keyctl\(/ },
  { phase: "keystore: whether the key is there", call: /^openat\(.*\/sessions\.db"/ },
  { phase: "cache: SQLite, one row", call: /^keyctl\(KEYCTL_READ/ },
  { phase: "unsealing, printing", call: /^write\(1, / },
  { phase: "end of the process", call: /^exit_group\(/ },
];

/** The only milestone of a program that does nothing. */
export const EMPTY_MILESTONES: readonly Milestone[] = [
  { phase: "runtime", call: /^exit_group\(/ },
];

/**
 * The phases of a subject, as medians of some runs; `undefined` if strace is missing.
 *
 * Throws if the run does not reach a milestone.
 */
export async function profilePhases(
  subject: Subject,
  milestones: readonly Milestone[],
  rounds: number,
): Promise<Phase[] | undefined> {
  const runs: Phase[][] = [];
  for (let round = 0; round < rounds; round++) {
    const trace = await traceOf(subject);
    if (trace === undefined) return undefined;
    runs.push(readPhases(trace, milestones));
  }
  return milestones.map(({ phase }, at) => ({
    name: phase,
    ms: median(runs.map((run) => run[at]?.ms ?? NaN)),
  }));
}

async function traceOf({ command, args, env }: Subject): Promise<string | undefined> {
  const log = await Deno.makeTempFile({ prefix: "aws-vault-bench-" });
  const calls = "trace=execve,openat,keyctl,write,exit_group";
  // With seccomp-bpf only the calls of interest stop the program.
  const options = ["-f", "--seccomp-bpf", "-ttt", "-e", calls, "-o", log];
  try {
    const { success } = await new Deno.Command("strace", {
      args: [...options, command, ...args],
      env: { ...env },
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success ? await Deno.readTextFile(log) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    await Deno.remove(log);
  }
}

/** Reads the phases of one run from lines such as `812 1700000000.123456 openat(…`. */
export function readPhases(trace: string, milestones: readonly Milestone[]): Phase[] {
  const calls = [...trace.matchAll(/^\d+\s+(\d+\.\d+) (.*)$/gm)]
    .map(([, seconds, call]) => ({ ms: Number(seconds) * 1000, call: call ?? "" }));
  let at = 0;
  return milestones.map(({ phase, call }) => {
    const from = calls[at]?.ms ?? NaN;
    const found = calls.findIndex((one, place) => place > at && call.test(one.call));
    if (found < 0) throw new Error(`No call of the program says that "${phase}" is over`);
    at = found;
    return { name: phase, ms: (calls[found]?.ms ?? NaN) - from };
  });
}

/** The phases as a table, with the runtime's share shown separately. */
export function renderPhases(phases: readonly Phase[], empty: readonly Phase[]): string {
  const [first, ...rest] = phases;
  const runtime = empty.reduce((sum, { ms }) => sum + ms, 0);
  const lines = [
    { name: "runtime, as in the empty program", ms: runtime },
    { name: "modules, command line", ms: (first?.ms ?? NaN) - runtime },
    ...rest,
  ];
  const width = Math.max(...lines.map(({ name }) => name.length));
  const body = lines.map(({ name, ms }) =>
    `  ${name.padEnd(width)}  ${ms.toFixed(1).padStart(5)} ms`
  );
  return ["What is left on the path of a cached export (kernel keys), traced:", ...body].join("\n");
}
