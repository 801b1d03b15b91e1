/**
 * Times whole processes side by side.
 *
 * Machines differ and their load changes, so no figure stands alone: subjects take turns (A B A B), and
 * what counts is the ratio of their medians.
 */

/** A command line to be timed. */
export interface Subject {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a subject took, in milliseconds of wall time. */
export interface Timing {
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly runs: number;
}

/** Runs the subjects in turns, and gives a timing for each; throws when one of them fails. */
export async function timeInTurns(
  subjects: readonly Subject[],
  rounds: number,
  atOnce = 1,
): Promise<Timing[]> {
  const times = subjects.map((): number[] => []);
  const warmUp = Math.min(3, rounds);
  for (let round = -warmUp; round < rounds; round++) {
    for (const [at, subject] of subjects.entries()) {
      const ms = atOnce === 1 ? timeOne(subject) : await timeMany(subject, atOnce);
      if (round >= 0) times[at]?.push(ms);
    }
  }
  return times.map((all) => ({
    medianMs: median(all),
    fastestMs: Math.min(...all),
    runs: all.length,
  }));
}

function timeOne(subject: Subject): number {
  const command = start(subject);
  const from = performance.now();
  const output = command.outputSync();
  const ms = performance.now() - from;
  checkOutput(subject, output);
  return ms;
}

async function timeMany(subject: Subject, count: number): Promise<number> {
  const from = performance.now();
  const outputs = await Promise.all(
    Array.from({ length: count }, () => start(subject).output()),
  );
  const ms = performance.now() - from;
  for (const output of outputs) checkOutput(subject, output);
  return ms;
}

function start({ command, args, env }: Subject): Deno.Command {
  const streams = { stdin: "null", stdout: "null", stderr: "piped" } as const;
  return new Deno.Command(command, { args: [...args], env, clearEnv: true, ...streams });
}

/** A failure would be quick, and look like a fine result. */
function checkOutput(subject: Subject, output: Deno.CommandOutput): void {
  if (output.success) return;
  const said = new TextDecoder().decode(output.stderr).trim();
  const line = [subject.command, ...subject.args].join(" ");
  throw new Error(`\`${line}\` ended with ${output.signal ?? output.code}: ${said}`);
}

/** The middle of the numbers; of an even count, the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? NaN;
  return (upper + lower) / 2;
}

/**
 * The most memory that a run of the subject holds, in KiB, told by the kernel through GNU time.
 *
 * `undefined` where that program is missing.
 */
export function peakMemoryKib(subject: Subject, gnuTime = "/usr/bin/time"): number | undefined {
  const { command, args, env } = subject;
  const timed = { command: gnuTime, args: ["-q", "-f", "%M", command, ...args], env };
  try {
    const output = start(timed).outputSync();
    checkOutput(subject, output);
    return Number(new TextDecoder().decode(output.stderr).trim().split("\n").at(-1));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
