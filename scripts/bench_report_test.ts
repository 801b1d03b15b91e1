import assert from "node:assert/strict";
import { compareTurns, median, peakMemoryKib, runInTurns } from "./bench_measure.ts";
import { openProcessorClock } from "./bench_processor.ts";
import {
  type Bounds,
  budgetsOf,
  findRegressions,
  fromSource,
  recordRatios,
  renderTable,
} from "./bench_report.ts";

const results = [
  {
    row: "--version",
    medianMs: 26,
    against: "empty program",
    wall: 1.04,
    processor: 1.02,
    memory: 1,
  },
  {
    row: "export, keyctl",
    medianMs: 36.25,
    against: "empty program",
    wall: 1.6,
    processor: 1.45,
    peer: { wall: 0.2, processor: undefined },
  },
];

const bounds = (more: Partial<Bounds>): Bounds => ({
  slack: 1.1,
  wallSlack: 1.5,
  ratios: {
    "2.0.0": {
      "--version": { wall: 1, processor: 1 },
      "export, keyctl": { wall: 1.4, processor: 1.4 },
    },
  },
  budgets: {},
  sourceBudgets: {},
  ...more,
});

Deno.test("renderTable() puts ratios side by side", () => {
  assert.equal(
    renderTable(results, { budgets: { "export, keyctl": 1.5 } }),
    [
      "row              median  against          wall  processor  budget  memory  of peer  processor",
      "--version       26.0 ms  empty program  1.04 x     1.02 x       -  1.00 x        -          -",
      "export, keyctl  36.3 ms  empty program  1.60 x     1.45 x  1.50 x       -   0.20 x          -",
    ].join("\n"),
  );
});

Deno.test("findRegressions() allows the slack, but nothing above a budget or without a bound", () => {
  const found = (more: Partial<Bounds>) => findRegressions(results, bounds(more), "2.0.0");
  assert.deepEqual(found({}), []);
  assert.deepEqual(found({ budgets: { "export, keyctl": 1.44 } }), [
    { row: "export, keyctl", what: "processor", ratio: 1.45, allowed: 1.44 },
  ]);
  assert.deepEqual(found({ slack: 1.01 }), [
    { row: "--version", what: "processor", ratio: 1.02, allowed: 1.01 },
    { row: "export, keyctl", what: "processor", ratio: 1.45, allowed: 1.4 * 1.01 },
  ]);
  assert.deepEqual(found({ wallSlack: 1.1 }), [
    { row: "export, keyctl", what: "wall", ratio: 1.6, allowed: 1.4 * 1.1 },
  ]);
  assert.deepEqual(found({ ratios: { "2.0.0": { "--version": { wall: 1, processor: 1 } } } }), [
    { row: "export, keyctl", what: "processor", ratio: 1.45, allowed: 0 },
  ]);
});

Deno.test("findRegressions() holds only rows against each other for a runtime without a record", () => {
  const budgets = { "--version": 1, "export, keyctl": 1 };
  const mixed = results.map((result, at) => at === 0 ? result : { ...result, against: "one" });
  const found = (runtime: string) =>
    findRegressions(mixed, bounds({ budgets, slack: 2 }), runtime).map(({ row }) => row);
  assert.deepEqual(found("2.1.0"), ["export, keyctl"]);
  assert.deepEqual(found("2.0.0"), ["--version", "export, keyctl"]);
});

Deno.test("findRegressions() holds the sources to limits of their own", () => {
  const runtime = fromSource("2.0.0");
  const own = bounds({
    budgets: { "export, keyctl": 1 },
    sourceBudgets: { "export, keyctl": 1.44 },
    ratios: { [runtime]: bounds({}).ratios["2.0.0"]! },
  });
  assert.deepEqual(findRegressions(results, own, runtime), [
    { row: "export, keyctl", what: "processor", ratio: 1.45, allowed: 1.44 },
  ]);
  assert.deepEqual(budgetsOf(own, runtime), { budgets: { "export, keyctl": 1.44 } });
});

Deno.test("findRegressions() goes by wall time where nobody counts the processor's", () => {
  const blind = results.map((result) => ({ ...result, processor: undefined }));
  assert.deepEqual(findRegressions(blind, bounds({}), "2.0.0"), [
    { row: "export, keyctl", what: "processor", ratio: 1.6, allowed: 1.4 * 1.1 },
  ]);
});

Deno.test("recordRatios() replaces what was measured and keeps the others", () => {
  const before = bounds({
    ratios: {
      "1.0.0": { other: { wall: 3, processor: 3 } },
      "2.0.0": { "--version": { wall: 9, processor: 9 }, other: { wall: 2, processor: 2 } },
    },
  });
  assert.deepEqual(recordRatios(results, before, "2.0.0"), {
    ...before,
    ratios: {
      "1.0.0": { other: { wall: 3, processor: 3 } },
      "2.0.0": {
        "--version": { wall: 1.04, processor: 1.02 },
        other: { wall: 2, processor: 2 },
        "export, keyctl": { wall: 1.6, processor: 1.45 },
      },
    },
  });
});

Deno.test("compareTurns() compares turns that were taken side by side", () => {
  const turns = (...times: [wallMs: number, processorMs: number | undefined][]) =>
    times.map(([wallMs, processorMs]) => ({ wallMs, processorMs }));
  assert.deepEqual(
    compareTurns(turns([2, 3], [20, 6], [6, 9]), turns([1, 2], [10, 3], [4, 4])),
    { wall: 2, processor: 2 },
  );
  assert.deepEqual(compareTurns(turns([3, undefined]), turns([2, undefined])), {
    wall: 1.5,
    processor: undefined,
  });
});

Deno.test("median() is the middle", () => {
  assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3]), median([5])], [2, 2.5, 5]);
});

Deno.test("runInTurns() gives every subject as many turns, and no failure passes for a result", async () => {
  const subject = (code: string) => ({
    command: Deno.execPath(),
    args: ["eval", "--quiet", code],
    env: { HOME: Deno.env.get("HOME") ?? "", NO_COLOR: "1" },
  });
  const turns = await runInTurns([subject("1"), subject("2")], 2);
  const isTimed = turns.map((all) => all.map(({ wallMs }) => wallMs > 0));
  assert.deepEqual(isTimed, [[true, true], [true, true]]);
  const fails = subject(`console.error("no keyring"); Deno.exit(3)`);
  await assert.rejects(runInTurns([fails], 1), /ended with 3: no keyring/);
  await assert.rejects(runInTurns([fails], 1, 2), /ended with 3: no keyring/);
});

Deno.test("a processor's clock counts what children did", async () => {
  using clock = openProcessorClock();
  if (clock === undefined) return assert.notEqual(Deno.build.os, "linux");
  const from = clock.childrenMs();
  const code = "const from = performance.now(); while (performance.now() < from + 30);";
  await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  assert(clock.childrenMs() - from > 10);
});

Deno.test("peakMemoryKib() is absent without GNU time", async () => {
  const subject = { command: Deno.execPath(), args: ["--version"], env: {} };
  assert.equal(await peakMemoryKib(subject, "/nowhere/time"), undefined);
});
