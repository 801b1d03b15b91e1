/**
 * Measures how quickly the program starts and answers: `deno task bench`.
 *
 *     [--json] [--check | --record] [--source] [--peer PATH] [--rounds N] [--only TEXT]
 *
 * Runs whole processes in turns with an empty program that was compiled with the same runtime; only ratios
 * count. The program is `AWS_VAULT_BIN`, or is compiled first. `--check` fails if a row exceeds its committed
 * ratio by more than the slack, or exceeds its budget, or cannot be measured; `--record` commits the results.
 * `--source` runs the sources and an empty program with the Deno that runs the bench, without compiling: only
 * the rows of a start, which have separate bounds. `--peer` adds another aws-vault for comparison.
 */

import { type Target, TARGETS } from "./build_plan.ts";
import { compile, compilingVersion } from "./compile.ts";
import { compareTurns, median, peakMemoryKib, runInTurns, type Subject } from "./bench_measure.ts";
import {
  EMPTY_MILESTONES,
  EXPORT_MILESTONES,
  profilePhases,
  renderPhases,
} from "./bench_profile.ts";
import {
  type Bounds,
  budgetsOf,
  EMPTY_PROGRAM,
  findRegressions,
  fromSource,
  recordRatios,
  type Regression,
  renderTable,
  type Result,
} from "./bench_report.ts";
import { EXPORT, KEYCTL, type Row, ROWS } from "./bench_rows.ts";
import { openScene, type Scene } from "./bench_scene.ts";

const BOUNDS = new URL("bench_bounds.json", import.meta.url);
const PROFILED_RUNS = 15;

interface Options {
  readonly json: boolean;
  readonly mode: "show" | "check" | "record";
  readonly peer: string | undefined;
  readonly rounds: number;
  readonly only: string;
  readonly source: boolean;
}

/** The programs that are compared. */
interface Programs {
  /** The release of Deno that compiled the empty program; a given program of ours is assumed to match. */
  readonly runtime: string;
  readonly ours: string;
  readonly empty: string;
  readonly peer: string | undefined;
}

async function measure(row: Row, programs: Programs, rounds: number): Promise<Result> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await openScene(programs.ours, row.scene));
  const command = (scene: Scene) => scene.subject(...row.args(scene.profile));
  const ours = command(home);
  const baseline = row.against
    ? command(stack.use(await openScene(programs.ours, row.against.scene)))
    : { ...ours, command: programs.empty, args: [] };
  const peer = await peerSubject(row, programs.peer, stack);
  const subjects = [ours, baseline, ...peer ? [peer] : []];
  const turns = row.atOnce === undefined ? rounds : Math.ceil(rounds / 4);
  const [own, base, other] = await runInTurns(subjects, turns, row.atOnce);
  if (own === undefined || base === undefined) throw new Error("Nothing was measured");
  return {
    row: row.row,
    medianMs: median(own.map(({ wallMs }) => wallMs)),
    against: row.against?.row ?? EMPTY_PROGRAM,
    ...compareTurns(own, base),
    peer: other && compareTurns(own, other),
    memory: await memoryRatio(ours, baseline),
  };
}

/**
 * The peer in a separate home, with the same number of profiles; what it cannot do has no figure.
 *
 * Its key is in the encrypted file store, which every aws-vault supports.
 */
async function peerSubject(
  row: Row,
  peer: string | undefined,
  stack: AsyncDisposableStack,
): Promise<Subject | undefined> {
  if (peer === undefined) return undefined;
  try {
    const spec = { ...row.scene, store: "file, passphrase", sessions: 0 } as const;
    const scene = stack.use(await openScene(peer, spec, { mustCache: false }));
    const subject = scene.subject(...row.args(scene.profile));
    await runInTurns([subject], 1);
    return subject;
  } catch (error) {
    console.error(`the peer, ${row.row}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

async function memoryRatio(ours: Subject, baseline: Subject): Promise<number | undefined> {
  const [own, base] = [await peakMemoryKib(ours), await peakMemoryKib(baseline)];
  return own === undefined || base === undefined ? undefined : own / base;
}

/** Where the time of a cached export goes, as text; `undefined` if strace is missing. */
async function profileExport(programs: Programs): Promise<string | undefined> {
  await using home = await openScene(programs.ours, KEYCTL);
  const ours = home.subject(...EXPORT(home.profile));
  const empty = { ...ours, command: programs.empty, args: [] };
  const own = await profilePhases(ours, EXPORT_MILESTONES, PROFILED_RUNS);
  const base = await profilePhases(empty, EMPTY_MILESTONES, PROFILED_RUNS);
  return own && base && renderPhases(own, base);
}

/**
 * Both programs are copied at the same moment: how the pages of a file lie in the kernel's cache
 * changes with its age, and accounts for 15 % of an empty program's time (measured).
 */
async function preparePrograms(folder: string, peer: string | undefined): Promise<Programs> {
  const root = decodeURIComponent(new URL("..", import.meta.url).pathname).replace(/\/$/, "");
  const target = TARGETS.find((known) => known === Deno.build.target) ?? TARGETS[0] as Target;
  const given = Deno.env.get("AWS_VAULT_BIN");
  const compiled = `${folder}/compiled`;
  if (given === undefined) await compile({ target, output: compiled }, root);
  const source = `${folder}/source`;
  await Deno.mkdir(source);
  await Deno.writeTextFile(`${source}/main.ts`, "");
  await Deno.writeTextFile(`${source}/deno.json`, "{}");
  await Deno.writeTextFile(`${source}/deno.lock`, `{ "version": "5" }`);
  await compile({ target, output: `${folder}/compiled-empty` }, source);
  const [ours, empty] = [`${folder}/aws-vault`, `${folder}/empty`];
  await Deno.copyFile(given ?? compiled, ours);
  await Deno.copyFile(`${folder}/compiled-empty`, empty);
  return { runtime: await compilingVersion(), ours, empty, peer };
}

/**
 * The sources and an empty program, each run by a one-line script, since a scene starts its program by
 * path; the runtime's cache is not in the scene's home.
 */
async function prepareSources(folder: string): Promise<Programs> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  const main = decodeURIComponent(new URL("../main.ts", import.meta.url).pathname);
  await Deno.writeTextFile(`${folder}/empty.ts`, "");
  const program = async (name: string, path: string) => {
    const flags = "run --allow-all --quiet --no-prompt --no-check";
    const line = `DENO_DIR='${denoDir}' exec '${Deno.execPath()}' ${flags} '${path}' "$@"`;
    await Deno.writeTextFile(`${folder}/${name}`, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    return `${folder}/${name}`;
  };
  return {
    runtime: fromSource(Deno.version.deno),
    ours: await program("aws-vault", main),
    empty: await program("empty", `${folder}/empty.ts`),
    peer: undefined,
  };
}

/** Measures every row, and measures those that seem too slow once more, for longer. */
async function measureAll(options: Options, programs: Programs, bounds: Bounds) {
  const results: Result[] = [];
  const failures: string[] = [];
  const rows = ROWS.filter(({ isStart }) => isStart === true || !options.source);
  for (const row of rows.filter(({ row }) => row.includes(options.only))) {
    try {
      let result = await measure(row, programs, options.rounds);
      if (
        options.mode === "check" && findRegressions([result], bounds, programs.runtime).length > 0
      ) {
        result = await measure(row, programs, options.rounds * 4);
      }
      results.push(result);
    } catch (error) {
      failures.push(`${row.row}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { results, failures };
}

function parseOptions(args: readonly string[]): Options {
  const value = (flag: string) => {
    const at = args.indexOf(flag);
    return at < 0 ? undefined : args[at + 1];
  };
  const modes = (["check", "record"] as const).filter((mode) => args.includes(`--${mode}`));
  return {
    json: args.includes("--json"),
    mode: modes[0] ?? "show",
    peer: value("--peer"),
    rounds: Number(value("--rounds") ?? 25),
    only: value("--only") ?? "",
    source: args.includes("--source"),
  };
}

function complain(regressions: readonly Regression[], failures: readonly string[]): void {
  for (const { row, what, ratio, allowed } of regressions) {
    const limit = allowed === 0 ? "nothing is committed for it" : `${allowed.toFixed(2)} allowed`;
    console.error(`too slow: ${row}: ${what} time ${ratio.toFixed(2)}, ${limit}`);
  }
  for (const failure of failures) console.error(`not measured: ${failure}`);
}

async function main(): Promise<number> {
  try {
    return await bench(parseOptions(Deno.args));
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

async function bench(options: Options): Promise<number> {
  const bounds: Bounds = JSON.parse(await Deno.readTextFile(BOUNDS));
  const folder = await Deno.makeTempDir({ prefix: "aws-vault-bench-" });
  try {
    const programs = options.source
      ? await prepareSources(folder)
      : await preparePrograms(folder, options.peer);
    const { results, failures } = await measureAll(options, programs, bounds);
    await report(options, programs, results, bounds);
    if (options.mode === "record") {
      const text = JSON.stringify(recordRatios(results, bounds, programs.runtime), null, 2);
      await Deno.writeTextFile(BOUNDS, `${text}\n`);
    }
    const regressions = options.mode === "check"
      ? findRegressions(results, bounds, programs.runtime)
      : [];
    complain(regressions, failures);
    return regressions.length + failures.length === 0 ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function report(
  options: Options,
  programs: Programs,
  results: readonly Result[],
  bounds: Bounds,
): Promise<void> {
  if (options.json) return console.log(JSON.stringify(results, null, 2));
  console.log(renderTable(results, budgetsOf(bounds, programs.runtime)));
  const phases = options.only === "" && !options.source ? await profileExport(programs) : undefined;
  if (phases !== undefined) console.log(`\n${phases}`);
  if (bounds.ratios[programs.runtime] === undefined) {
    console.log(
      `\nNothing is recorded for Deno ${programs.runtime}: no start is held against a bound`,
    );
  }
}

if (import.meta.main) Deno.exit(await main());
