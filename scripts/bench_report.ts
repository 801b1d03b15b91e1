/** What the bench found: as a table, as JSON, and held against what was committed. */

import type { Comparison } from "./bench_measure.ts";

/** What most rows are compared with: a program that does nothing, of the same runtime. */
export const EMPTY_PROGRAM = "empty program";

/** One line of the report. */
export interface Result extends Comparison {
  readonly row: string;
  /** Of this program, in milliseconds of wall time. */
  readonly medianMs: number;
  /** What it is compared with: the empty program, or another row. */
  readonly against: string;
  /** Against the peer, where a peer was given and can do the same. */
  readonly peer?: Comparison | undefined;
  /** Against the memory of the same. */
  readonly memory?: number | undefined;
}

/**
 * The committed ratios, and the limits that stand above them.
 *
 * What is held is the ratio of processor time: on a machine of two cores with a load of 15 it kept
 * within 4 % from one measurement to the next, at 25 turns, while that of the median wall times went
 * from 1.4 to 1.9. It is blind to waiting, for a lock, a server or a sleep; so wall time is held as well,
 * with room for what other programs do to it.
 */
export interface Bounds {
  /** How far above its committed ratio a row's processor time may come: 1.1 is ten per cent. */
  readonly slack: number;
  /** The same for wall time. */
  readonly wallSlack: number;
  /** By the release of Deno that the programs were compiled with: its own start is what they divide by. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, Comparison>>>>;
  /** Limits, without slack, for processor time. */
  readonly budgets: Readonly<Record<string, number>>;
  /** The same for the sources, as Deno runs them without compiling. */
  readonly sourceBudgets: Readonly<Record<string, number>>;
}

/** A row that is slower than it may be. */
export interface Regression {
  readonly row: string;
  readonly what: "processor" | "wall";
  readonly ratio: number;
  /** 0: nothing is committed for the row. */
  readonly allowed: number;
}

/** The rows that are above what they may be, and those for which nothing is committed. */
export function findRegressions(
  results: readonly Result[],
  bounds: Bounds,
  runtime: string,
): Regression[] {
  return results.flatMap((result) => {
    const { row, wall, processor } = result;
    const committed = committedFor(bounds, runtime, row);
    const budget = budgetFor(bounds, runtime, result) ?? Infinity;
    const limits = [
      {
        what: "processor" as const,
        ratio: processor ?? wall,
        allowed: Math.min((committed.processor ?? committed.wall) * bounds.slack, budget),
      },
      { what: "wall" as const, ratio: wall, allowed: committed.wall * bounds.wallSlack },
    ];
    const over = limits.find(({ ratio, allowed }) => ratio > allowed);
    return over ? [{ row, ...over }] : [];
  });
}

/**
 * The limit for a row. What is in parts of the empty program is a limit for the runtimes
 * that something is recorded for: another one divides by another start (Deno 2.9.6 by 13 ms where
 * 2.7.11 takes 32 ms).
 */
function budgetFor(bounds: Bounds, runtime: string, { row, against }: Result): number | undefined {
  const isHeld = against !== EMPTY_PROGRAM || bounds.ratios[runtime] !== undefined;
  return isHeld ? budgetsOf(bounds, runtime).budgets[row] : undefined;
}

/** The limits for this runtime. */
export function budgetsOf(bounds: Bounds, runtime: string): Pick<Bounds, "budgets"> {
  return { budgets: runtime.endsWith(FROM_SOURCE) ? bounds.sourceBudgets : bounds.budgets };
}

const FROM_SOURCE = " from source";

/** Under what the figures of sources are committed. */
export function fromSource(version: string): string {
  return version + FROM_SOURCE;
}

/** Nothing is held but budgets where no ratios of this runtime are committed. */
function committedFor(bounds: Bounds, runtime: string, row: string): Comparison {
  const known = bounds.ratios[runtime];
  if (known === undefined) return { wall: Infinity, processor: Infinity };
  return known[row] ?? { wall: 0, processor: 0 };
}

/** The ratios of these results as the ones to be held from now on; rows not measured keep theirs. */
export function recordRatios(
  results: readonly Result[],
  bounds: Bounds,
  runtime: string,
): Bounds {
  const rounded = (ratio: number) => Number(ratio.toFixed(3));
  const measured = results.map(({ row, wall, processor }) => [row, {
    wall: rounded(wall),
    processor: processor === undefined ? undefined : rounded(processor),
  }]);
  const ratios = { ...bounds.ratios[runtime], ...Object.fromEntries(measured) };
  return { ...bounds, ratios: { ...bounds.ratios, [runtime]: ratios } };
}

/** The results as a table for a person, one line a row. */
export function renderTable(results: readonly Result[], bounds: Pick<Bounds, "budgets">): string {
  const withPeer = results.some(({ peer }) => peer !== undefined);
  const head = [
    "row",
    "median",
    "against",
    "wall",
    "processor",
    "budget",
    "memory",
    ...withPeer ? ["of peer", "processor"] : [],
  ];
  const lines = results.map((result) => [
    result.row,
    `${result.medianMs.toFixed(1)} ms`,
    result.against,
    times(result.wall),
    times(result.processor),
    times(bounds.budgets[result.row]),
    times(result.memory),
    ...withPeer ? [times(result.peer?.wall), times(result.peer?.processor)] : [],
  ]);
  return alignColumns([head, ...lines]);
}

function times(ratio: number | undefined): string {
  return ratio === undefined ? "-" : `${ratio.toFixed(2)} x`;
}

function alignColumns(lines: readonly string[][]): string {
  const widths = (lines[0] ?? []).map((_, at) =>
    Math.max(...lines.map((line) => (line[at] ?? "").length))
  );
  return lines.map((line) =>
    line.map((cell, at) =>
      isText(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)
    )
      .join("  ").trimEnd()
  ).join("\n");
}

function isText(column: number): boolean {
  return column === 0 || column === 2;
}
