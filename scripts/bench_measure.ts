/**
 * Measures whole processes side by side.
 *
 * Machines differ and their load changes, so no figure stands alone: subjects take turns (A B A B), and
 * the result is a ratio of two that ran one after the other.
 */

import { openProcessorClock, type ProcessorClock } from "./bench_processor.ts";

/** A command line to time. */
export interface Subject {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What one turn of a subject took, in milliseconds. */
export interface Turn {
  readonly wallMs: number;
  /** Processor time, in all threads and including the kernel's part; absent if nothing counts it. */
  readonly processorMs: number | undefined;
}

/** How a subject compares with another one. */
export interface Comparison {
  /**
   * The median, over all turns, of the ratio of a turn's wall time to that of the other's turn
   * beside it.
   */
  readonly wall: number;
  /** The ratio of the medians of processor time. */
  readonly processor: number | undefined;
}

/** Runs the subjects in turns, and returns the turns of each; throws if one of them fails. */
export async function runInTurns(
  subjects: readonly Subject[],
  rounds: number,
  atOnce = 1,
): Promise<Turn[][]> {
  using clock = openProcessorClock();
  const turns = subjects.map((): Turn[] => []);
  const warmUp = Math.min(3, rounds);
  for (let round = -warmUp; round < rounds; round++) {
    // Each begins equally often: the one after a heavy one finds the processor's caches empty.
    for (const place of subjects.keys()) {
      const at = (place + round + warmUp) % subjects.length;
      const turn = await runTurn(subjects[at]!, atOnce, clock);
      if (round >= 0) turns[at]?.push(turn);
    }
  }
  return turns;
}

async function runTurn(
  subject: Subject,
  count: number,
  clock: ProcessorClock | undefined,
): Promise<Turn> {
  const processorFrom = clock?.childrenMs() ?? 0;
  const from = performance.now();
  // Not `outputSync`: the AWS that a peer calls runs in this process.
  const outputs = await Promise.all(
    Array.from({ length: count }, () => start(subject).output()),
  );
  const wallMs = performance.now() - from;
  for (const output of outputs) checkOutput(subject, output);
  return { wallMs, processorMs: clock && clock.childrenMs() - processorFrom };
}

/** Compares the turns of a subject with those of another one beside it. */
export function compareTurns(own: readonly Turn[], others: readonly Turn[]): Comparison {
  const pairs = own.map(({ wallMs }, at) => wallMs / (others[at]?.wallMs ?? NaN));
  return { wall: median(pairs), processor: compareProcessor(own, others) };
}

function compareProcessor(own: readonly Turn[], others: readonly Turn[]): number | undefined {
  const [mine, theirs] = [own, others].map((turns) =>
    turns.map(({ processorMs }) => processorMs).filter((ms) => ms !== undefined)
  );
  return mine?.length && theirs?.length ? median(mine) / median(theirs) : undefined;
}

function start({ command, args, env }: Subject): Deno.Command {
  const streams = { stdin: "null", stdout: "null", stderr: "piped" } as const;
  return new Deno.Command(command, { args: [...args], env, clearEnv: true, ...streams });
}

/** A failure would be fast, and look like a good result. */
function checkOutput(subject: Subject, output: Deno.CommandOutput): void {
  if (output.success) return;
  const said = new TextDecoder().decode(output.stderr).trim();
  const line = [subject.command, ...subject.args].join(" ");
  throw new Error(`\`${line}\` ended with ${output.signal ?? output.code}: ${said}`);
}

/** The median; for an even count, the mean of the two middle numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? NaN;
  return (upper + lower) / 2;
}

/**
 * The peak memory of a run of the subject, in KiB, as the kernel reports it through GNU time.
 *
 * `undefined` if that program is missing.
 */
export async function peakMemoryKib(
  subject: Subject,
  gnuTime = "/usr/bin/time",
): Promise<number | undefined> {
  const { command, args, env } = subject;
  const timed = { command: gnuTime, args: ["-q", "-f", "%M", command, ...args], env };
  try {
    const output = await start(timed).output();
    checkOutput(subject, output);
    return Number(new TextDecoder().decode(output.stderr).trim().split("\n").at(-1));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
