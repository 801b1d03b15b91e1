/** The results of the bench: as a table, as JSON, and compared with the committed ones. */

import type { Comparison } from "./bench_measure.ts";

/** What most rows are compared with: a program that does nothing, with the same runtime. */
export const EMPTY_PROGRAM = "empty program";

/** One line of the report. */
export interface Result extends Comparison {
  readonly row: string;
  /** For this program, in milliseconds of wall time. */
  readonly medianMs: number;
  /** What it is compared with: the empty program, or another row. */
  readonly against: string;
  /** Compared with the peer, if one was given and can do the same. */
  readonly peer?: Comparison | undefined;
  /** Compared with the memory of the same program. */
  readonly memory?: number | undefined;
}

/**
 * The committed ratios, and the limits for them.
 *
 * The check is on the ratio of processor time: on a machine of two cores with a load of 15 it stayed
 * within 4 % from one measurement to the next, at 25 turns, while that of the median wall times went from
 * 1.4 to 1.9. It does not see waiting, for a lock, a server or a sleep; so wall time is checked as well,
 * with a margin for other programs on the machine.
 */
export interface Bounds {
  /** The allowed excess of a row's processor time over its committed ratio: 1.1 is ten per cent. */
  readonly slack: number;
  /** The same for wall time. */
  readonly wallSlack: number;
  /** By the release of Deno that compiled the programs: its own start is what they are divided by. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, Comparison>>>>;
  /** Limits for processor time, without slack. */
  readonly budgets: Readonly<Record<string, number>>;
  /** The same for the sources, which Deno runs without compiling. */
  readonly sourceBudgets: Readonly<Record<string, number>>;
}

/** A row that exceeds its limit. */
export interface Regression {
  readonly row: string;
  readonly what: "processor" | "wall";
  readonly ratio: number;
  /** 0: nothing is committed for the row. */
  readonly allowed: number;
}

/** The rows that exceed their limits, and those without a committed ratio. */
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
 * The limit for a row. A limit relative to the empty program applies only to the runtimes for which
 * something is recorded: another runtime has a different start (13 ms for Deno 2.9.6, 32 ms for
 * 2.7.11).
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

/** The key under which figures for the sources are committed. */
export function fromSource(version: string): string {
  return version + FROM_SOURCE;
}

/** If no ratios of this runtime are committed, only budgets are checked. */
function committedFor(bounds: Bounds, runtime: string, row: string): Comparison {
  const known = bounds.ratios[runtime];
  if (known === undefined) return { wall: Infinity, processor: Infinity };
  return known[row] ?? { wall: 0, processor: 0 };
}

/**
 * Records these results as the ratios to keep from now on; rows that were not measured keep theirs.
 */
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

/** The results as a table for a person, one line per row. */
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
