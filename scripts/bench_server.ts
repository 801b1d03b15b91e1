/**
 * Measures the credential servers under load: `deno run -A scripts/bench_server.ts`.
 *
 *     [--check] [--json] [--only TEXT] [--url URL --header "NAME: VALUE" --pid N]
 *
 * The load comes from 50 clients that keep their connections. First they send requests as fast as
 * they can, then 2,000 per second in total, since a server at its limit makes every client wait.
 * Memory is that of the server's process (proc_pid_status(5), VmRSS) during 100,000 answers and
 * during as many again. The program is `AWS_VAULT_BIN`. `--check` fails if a bound is exceeded three
 * times, since the machine may have other work. With `--url` a server that already runs is measured,
 * such as that of `serve`.
 */

import { type Load, type LoadTarget, putLoad } from "./bench_load.ts";
import { median } from "./bench_measure.ts";
import { type MeasuredServer, SERVERS, targetOf } from "./bench_server_scene.ts";

const CLIENTS = 50;
const REQUESTS = 100_000;
const READINGS = 10;
const CALM_PER_SECOND = 2_000;

/** The bounds for each server. */
const LEAST_PER_SECOND = 5_000;
const MOST_MEDIAN_MS = 1;
const MOST_P99_MS = 10;
const MOST_MB = 90;
/** How often a server that exceeds a bound is measured. */
const MOST_TRIES = 3;
/** The most that the second 100,000 answers may add to the memory. */
const MOST_GROWTH_MB = 5;

/** The measurements of one server. */
interface ServerResult {
  readonly server: string;
  readonly busy: Load;
  readonly calm: Load;
  readonly first: Memory;
  readonly second: Memory;
}

/** The memory of the server's process during 100,000 answers, in MB. */
interface Memory {
  readonly median: number;
  readonly most: number;
}

async function measure(
  server: string,
  start: () => Promise<MeasuredServer>,
): Promise<ServerResult> {
  await using running = await start();
  const { target, pid } = running;
  await putLoad(target, { clients: CLIENTS, requests: 5_000 });
  const busy = await putLoad(target, { clients: CLIENTS, requests: REQUESTS / READINGS });
  const first = await readMemory(target, pid);
  const calm = await putLoad(target, {
    clients: CLIENTS,
    requests: CALM_PER_SECOND * 5,
    perSecond: CALM_PER_SECOND,
  });
  return { server, busy, calm, first, second: await readMemory(target, pid) };
}

/**
 * The memory during 100,000 answers: it rises until a garbage collection, so one reading means
 * little.
 */
async function readMemory(target: LoadTarget, pid: number): Promise<Memory> {
  const readings: number[] = [];
  while (readings.length < READINGS) {
    await putLoad(target, { clients: CLIENTS, requests: REQUESTS / READINGS });
    readings.push(memoryOf(pid));
  }
  return { median: median(readings), most: Math.max(...readings) };
}

function memoryOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  return Number(kib) * 1024 / 1_000_000;
}

/** The bounds that a result exceeds. */
function findFaults({ server, busy, calm, first, second }: ServerResult): string[] {
  const checks: [boolean, string][] = [
    [busy.perSecond >= LEAST_PER_SECOND, `fewer than ${LEAST_PER_SECOND} answers a second`],
    [calm.medianMs < MOST_MEDIAN_MS, `a median of ${MOST_MEDIAN_MS} ms or more`],
    [calm.p99Ms < MOST_P99_MS, `a 99th percentile of ${MOST_P99_MS} ms or more`],
    [second.median < MOST_MB, `${MOST_MB} MB or more`],
    [
      second.median - first.median < MOST_GROWTH_MB,
      `${MOST_GROWTH_MB} MB more during another ${REQUESTS}`,
    ],
  ];
  return checks.filter(([isKept]) => !isKept).map(([, fault]) => `${server}: ${fault}`);
}

function render({ server, busy, calm, first, second }: ServerResult): string {
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  return `${server}: ${Math.round(busy.perSecond)} answers/s at most ` +
    `(median ${ms(busy.medianMs)}, p99 ${ms(busy.p99Ms)}); at ${CALM_PER_SECOND}/s ` +
    `median ${ms(calm.medianMs)}, p99 ${ms(calm.p99Ms)}; ` +
    `${first.median.toFixed(1)} MB during 100,000 answers, ` +
    `${second.median.toFixed(1)} MB during as many again, ${second.most.toFixed(1)} MB at most`;
}

function value(flag: string): string | undefined {
  const at = Deno.args.indexOf(flag);
  return at < 0 ? undefined : Deno.args[at + 1];
}

/** The servers that the arguments select. */
function chosen(): [string, () => Promise<MeasuredServer>][] {
  const url = value("--url");
  if (url === undefined) {
    return Object.entries(SERVERS).filter(([name]) => name.includes(value("--only") ?? ""));
  }
  const target = targetOf(url, value("--header") ?? "");
  const running: MeasuredServer = {
    pid: Number(value("--pid")),
    target,
    env: {},
    home: "",
    async [Symbol.asyncDispose]() {},
  };
  return [[url, () => Promise.resolve(running)]];
}

async function main(): Promise<number> {
  const results: ServerResult[] = [];
  const isChecked = Deno.args.includes("--check");
  for (const [server, start] of chosen()) {
    let result = await measure(server, start);
    for (let tries = 1; isChecked && tries < MOST_TRIES && findFaults(result).length > 0; tries++) {
      result = await measure(server, start);
    }
    results.push(result);
  }
  if (Deno.args.includes("--json")) console.log(JSON.stringify(results, null, 2));
  else for (const result of results) console.log(render(result));
  const faults = isChecked ? results.flatMap(findFaults) : [];
  for (const fault of faults) console.error(fault);
  return faults.length > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main());
