/**
 * Measures how quickly the program starts and answers: `deno task bench`.
 *
 *     [--json] [--check | --record] [--peer PATH] [--rounds N] [--only TEXT]
 *
 * Whole processes, beside an empty program that the same runtime was compiled with, in turns; only
 * ratios count. The program is `AWS_VAULT_BIN`, or compiled first. `--check` fails when a row is above
 * its committed ratio by more than the slack, or above the design's budget, or cannot be measured;
 * `--record` commits what was measured. `--peer` puts another aws-vault beside it.
 */

import { compile, type Target, TARGETS } from "./compile.ts";
import { peakMemoryKib, type Subject, timeInTurns } from "./bench_measure.ts";
import {
  type Bounds,
  findRegressions,
  recordRatios,
  type Regression,
  renderPath,
  renderTable,
  type Result,
} from "./bench_report.ts";
import { openScene, type Scene, type SceneSpec } from "./bench_scene.ts";

const BOUNDS = new URL("bench_bounds.json", import.meta.url);

interface Options {
  readonly json: boolean;
  readonly mode: "show" | "check" | "record";
  readonly peer: string | undefined;
  readonly rounds: number;
  readonly only: string;
}

/** A line of the report, and how it is measured. */
interface Row {
  readonly row: string;
  readonly scene: SceneSpec;
  readonly args: (profile: string) => readonly string[];
  /** The same command line in another scene; without it, the empty program. */
  readonly against?: { readonly row: string; readonly scene: SceneSpec };
  /** As many processes at the same moment. */
  readonly atOnce?: number;
}

const EXPORT: Row["args"] = (profile) => ["export", "--format=json", profile];
const scene = (store: SceneSpec["store"], profiles = 10, sessions = 0): SceneSpec => ({
  store,
  profiles,
  sessions,
});
const COMPLETION: Row["args"] = (
  profile,
) => ["--complete", "bash", `aws-vault exec ${profile}`, " :="];
const KEYCTL = scene("keyctl");

const ROWS: readonly Row[] = [
  { row: "--version", scene: KEYCTL, args: () => ["--version"] },
  { row: "export, keyctl", scene: KEYCTL, args: EXPORT },
  { row: "export, file unlocked", scene: scene("file, unlock key cached"), args: EXPORT },
  { row: "export, file passphrase", scene: scene("file, passphrase"), args: EXPORT },
  { row: "export, secret-service", scene: scene("secret-service"), args: EXPORT },
  { row: "completion", scene: KEYCTL, args: COMPLETION },
  {
    row: "completion, 20,000 profiles",
    scene: scene("keyctl", 20_000),
    args: COMPLETION,
    against: { row: "ten profiles", scene: KEYCTL },
  },
  { row: "exec -- true", scene: KEYCTL, args: (profile) => ["exec", profile, "--", "true"] },
  {
    row: "export, 20,000 profiles",
    scene: scene("keyctl", 20_000),
    args: EXPORT,
    against: { row: "one profile", scene: scene("keyctl", 1) },
  },
  {
    row: "export, 10,000 sessions",
    scene: scene("keyctl", 10, 10_000),
    args: EXPORT,
    against: { row: "one session", scene: KEYCTL },
  },
  { row: "50 exports at once", scene: KEYCTL, args: EXPORT, atOnce: 50 },
];

/** The programs that take part. */
interface Programs {
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
  const [own, base, other] = await timeInTurns(subjects, turns, row.atOnce);
  if (own === undefined || base === undefined) throw new Error("Nothing was measured");
  return {
    row: row.row,
    medianMs: own.medianMs,
    against: row.against?.row ?? "empty program",
    ratio: own.medianMs / base.medianMs,
    peerRatio: other && own.medianMs / other.medianMs,
    memoryRatio: memoryRatio(ours, baseline),
  };
}

/**
 * The peer in a home of its own, with as many profiles; what it cannot do has no figure.
 *
 * Its key is in the encrypted file store, which every aws-vault knows.
 */
async function peerSubject(
  row: Row,
  peer: string | undefined,
  stack: AsyncDisposableStack,
): Promise<Subject | undefined> {
  if (peer === undefined) return undefined;
  try {
    const spec = { ...row.scene, store: "file, passphrase", sessions: 0 } as const;
    const scene = stack.use(await openScene(peer, spec));
    return scene.subject(...row.args(scene.profile));
  } catch (error) {
    console.error(`the peer, ${row.row}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function memoryRatio(ours: Subject, baseline: Subject): number | undefined {
  const [own, base] = [peakMemoryKib(ours), peakMemoryKib(baseline)];
  return own === undefined || base === undefined ? undefined : own / base;
}

async function preparePrograms(folder: string, peer: string | undefined): Promise<Programs> {
  const root = decodeURIComponent(new URL("..", import.meta.url).pathname).replace(/\/$/, "");
  const target = TARGETS.find((known) => known === Deno.build.target) ?? TARGETS[0] as Target;
  const given = Deno.env.get("AWS_VAULT_BIN");
  const ours = given ?? `${folder}/aws-vault`;
  if (given === undefined) await compile({ target, output: ours }, root);
  const source = `${folder}/empty`;
  await Deno.mkdir(source);
  await Deno.writeTextFile(`${source}/main.ts`, "");
  await Deno.writeTextFile(`${source}/deno.json`, "{}");
  await Deno.writeTextFile(`${source}/deno.lock`, `{ "version": "5" }`);
  await compile({ target, output: `${folder}/empty-program` }, source);
  return { ours, empty: `${folder}/empty-program`, peer };
}

/** Measures every row, and once more, for longer, those that seem to be too slow. */
async function measureAll(options: Options, programs: Programs, bounds: Bounds) {
  const results: Result[] = [];
  const failures: string[] = [];
  for (const row of ROWS.filter(({ row }) => row.includes(options.only))) {
    try {
      let result = await measure(row, programs, options.rounds);
      if (options.mode === "check" && findRegressions([result], bounds).length > 0) {
        result = await measure(row, programs, options.rounds * 2);
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
  };
}

function complain(regressions: readonly Regression[], failures: readonly string[]): void {
  for (const { row, ratio, allowed } of regressions) {
    const limit = allowed === 0 ? "nothing is committed for it" : `${allowed.toFixed(2)} allowed`;
    console.error(`too slow: ${row}: ${ratio.toFixed(2)}, ${limit}`);
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
    const programs = await preparePrograms(folder, options.peer);
    const { results, failures } = await measureAll(options, programs, bounds);
    console.log(options.json ? JSON.stringify(results, null, 2) : renderTable(results));
    const path = renderPath(results);
    if (path !== undefined && !options.json) console.log(`\n${path}`);
    if (options.mode === "record") {
      const text = JSON.stringify(recordRatios(results, bounds), null, 2);
      await Deno.writeTextFile(BOUNDS, `${text}\n`);
    }
    const regressions = options.mode === "check" ? findRegressions(results, bounds) : [];
    complain(regressions, failures);
    return regressions.length + failures.length === 0 ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
