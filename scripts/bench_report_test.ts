import assert from "node:assert/strict";
import { median, peakMemoryKib, timeInTurns } from "./bench_measure.ts";
import { findRegressions, recordRatios, renderPath, renderTable } from "./bench_report.ts";

const results = [
  { row: "--version", medianMs: 26, against: "empty", ratio: 1.04, memoryRatio: 1 },
  { row: "export, keyctl", medianMs: 36.25, against: "empty", ratio: 1.45, peerRatio: 0.2 },
];

Deno.test("renderTable() puts ratios side by side", () => {
  assert.equal(
    renderTable(results),
    [
      "row              median  against   ratio  of peer  memory",
      "--version       26.0 ms  empty    1.04 x        -  1.00 x",
      "export, keyctl  36.3 ms  empty    1.45 x   0.20 x       -",
    ].join("\n"),
  );
});

Deno.test("renderPath() says where the time goes, when it was measured", () => {
  assert.equal(
    renderPath(results),
    "On the path of a cached export, in parts of the empty program: loading and arguments 4 %, " +
      "config, cache and kernel keys 41 %",
  );
  assert.equal(renderPath(results.slice(1)), undefined);
});

Deno.test("findRegressions() allows the slack, but nothing above a budget or without a bound", () => {
  const bounds = (ratios: Record<string, number>, budgets: Record<string, number> = {}) => ({
    slack: 1.1,
    ratios,
    budgets,
  });
  assert.deepEqual(
    findRegressions(results, bounds({ "--version": 1.0, "export, keyctl": 1.4 })),
    [],
  );
  assert.deepEqual(
    findRegressions(results, bounds({ "--version": 0.9, "export, keyctl": 1.4 })),
    [{ row: "--version", ratio: 1.04, allowed: 0.9 * 1.1 }],
  );
  assert.deepEqual(
    findRegressions(
      results,
      bounds({ "--version": 1, "export, keyctl": 1.4 }, { "export, keyctl": 1.44 }),
    ),
    [{ row: "export, keyctl", ratio: 1.45, allowed: 1.44 }],
  );
  assert.deepEqual(findRegressions(results, bounds({ "--version": 1 })), [
    { row: "export, keyctl", ratio: 1.45, allowed: 0 },
  ]);
});

Deno.test("recordRatios() replaces what was measured and keeps the rest", () => {
  const bounds = { slack: 1.1, ratios: { "--version": 9, other: 2 }, budgets: { other: 3 } };
  assert.deepEqual(recordRatios(results, bounds), {
    slack: 1.1,
    ratios: { "--version": 1.04, other: 2, "export, keyctl": 1.45 },
    budgets: { other: 3 },
  });
});

Deno.test("median() is the middle", () => {
  assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3]), median([5])], [2, 2.5, 5]);
});

Deno.test("timeInTurns() gives every subject as many turns, and no failure passes for a result", async () => {
  const subject = (code: string) => ({
    command: Deno.execPath(),
    args: ["eval", "--quiet", code],
    env: { HOME: Deno.env.get("HOME") ?? "", NO_COLOR: "1" },
  });
  const timings = await timeInTurns([subject("1"), subject("2")], 2);
  assert.deepEqual(timings.map(({ runs, medianMs }) => [runs, medianMs > 0]), [
    [2, true],
    [2, true],
  ]);
  const fails = subject(`console.error("no keyring"); Deno.exit(3)`);
  await assert.rejects(timeInTurns([fails], 1), /ended with 3: no keyring/);
  await assert.rejects(timeInTurns([fails], 1, 2), /ended with 3: no keyring/);
});

Deno.test("peakMemoryKib() is absent without GNU time", () => {
  const subject = { command: Deno.execPath(), args: ["--version"], env: {} };
  assert.equal(peakMemoryKib(subject, "/nowhere/time"), undefined);
});
