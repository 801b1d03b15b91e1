/** What the bench found: as a table, as JSON, and held against what was committed. */

/** One line of the report; all ratios are of medians. */
export interface Result {
  readonly row: string;
  /** Of this program, in milliseconds. */
  readonly medianMs: number;
  /** What it is compared with: the empty program, or another row. */
  readonly against: string;
  readonly ratio: number;
  /** Of this program's median and the peer's, where a peer was given and can do the same. */
  readonly peerRatio?: number | undefined;
  /** Against the memory of the same. */
  readonly memoryRatio?: number | undefined;
}

/** The committed ratios, and the limits of the design that stand above them. */
export interface Bounds {
  /** How far above its committed ratio a row may come: 1.1 is ten per cent. */
  readonly slack: number;
  readonly ratios: Readonly<Record<string, number>>;
  /** Limits of the design, without slack. */
  readonly budgets: Readonly<Record<string, number>>;
}

/** A row that is slower than it may be. */
export interface Regression {
  readonly row: string;
  readonly ratio: number;
  readonly allowed: number;
}

/** The rows that are above what they may be, and those for which nothing is committed. */
export function findRegressions(results: readonly Result[], bounds: Bounds): Regression[] {
  return results.flatMap(({ row, ratio }) => {
    const committed = bounds.ratios[row];
    const allowed = Math.min(
      committed === undefined ? 0 : committed * bounds.slack,
      bounds.budgets[row] ?? Infinity,
    );
    return ratio > allowed ? [{ row, ratio, allowed }] : [];
  });
}

/** The ratios of these results as the ones to be held from now on; rows not measured keep theirs. */
export function recordRatios(results: readonly Result[], bounds: Bounds): Bounds {
  const measured = results.map(({ row, ratio }) => [row, Number(ratio.toFixed(3))]);
  return { ...bounds, ratios: { ...bounds.ratios, ...Object.fromEntries(measured) } };
}

/** The results as a table for a person, one line a row. */
export function renderTable(results: readonly Result[]): string {
  const withPeer = results.some(({ peerRatio }) => peerRatio !== undefined);
  const head = ["row", "median", "against", "ratio", ...(withPeer ? ["of peer"] : []), "memory"];
  const lines = results.map((result) => [
    result.row,
    `${result.medianMs.toFixed(1)} ms`,
    result.against,
    times(result.ratio),
    ...(withPeer ? [times(result.peerRatio)] : []),
    times(result.memoryRatio),
  ]);
  return alignColumns([head, ...lines]);
}

/**
 * Where the time of a cached export goes, above that of the empty program, or `undefined` where the
 * rows that say so were not measured: loading, told by `--version`, and what export itself does.
 */
export function renderPath(results: readonly Result[]): string | undefined {
  const share = (row: string) => {
    const found = results.find((result) => result.row === row);
    return found && found.ratio - 1;
  };
  const [loading, all] = [share("--version"), share("export, keyctl")];
  if (loading === undefined || all === undefined) return undefined;
  const part = (value: number) => `${(value * 100).toFixed(0)} %`;
  return `On the path of a cached export, in parts of the empty program: loading and arguments ${
    part(loading)
  }, config, cache and kernel keys ${part(all - loading)}`;
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
