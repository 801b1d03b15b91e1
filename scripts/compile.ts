/**
 * Makes the binaries: `deno task compile [--target T]... [--all] [--output PATH] [--pinned]`.
 *
 * `DENORT_BIN` names the runtime base for the target where Deno cannot download one, and `OFFLINE_DENO`
 * the Deno of the same release, which then compiles. Everything else must have the SHA-256 in
 * `scripts/deno.sha256`; with `--pinned` all of it must be listed there.
 */

import { makeColdScripts } from "./cold_scripts.ts";
import { makeHotScript } from "./hot_script.ts";
import { mergeHotChunks } from "./merge_chunks.ts";
import { makePack, PACK, type PackPlace, renderLoader, type Scripts } from "./pack.ts";
import { checkIngredient, type Compare, readPins, sha256 } from "./pinned_deno.ts";
import { provideBase, readGivenBase } from "./provide_base.ts";
import { fixTimes, stageSource } from "./staged_source.ts";

/** Every platform that is released; compiling for Windows on ARM needs Deno 2.9. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
  "aarch64-pc-windows-msvc",
] as const;

/** A platform, as Deno and Rust name it. */
export type Target = typeof TARGETS[number];

/** One binary to make. */
export interface Build {
  readonly target: Target;
  readonly output: string;
  /** Whether only what `scripts/deno.sha256` lists can be used. */
  readonly isPinned?: boolean;
}

/** What the command line requests: one build per target. Throws an `Error` that shows the usage. */
export function planBuilds(args: readonly string[], thisTarget: string): Build[] {
  const targets: string[] = [];
  let output: string | undefined;
  let isPinned = false;
  for (let at = 0; at < args.length; at++) {
    const [flag, inline] = split(args[at] ?? "");
    const value = () => inline ?? args[++at] ?? fail(`${flag} needs a value`);
    if (flag === "--all") targets.push(...TARGETS);
    else if (flag === "--target") targets.push(value());
    else if (flag === "--output" || flag === "-o") output = value();
    else if (flag === "--pinned") isPinned = true;
    else fail(`Cannot understand "${args[at]}"`);
  }
  if (targets.length === 0) targets.push(thisTarget);
  if (output !== undefined && targets.length > 1) fail("--output is for one target");
  return targets.map((target) => ({ ...planBuild(target, output), ...isPinned && { isPinned } }));
}

function planBuild(target: string, output: string | undefined): Build {
  if (!isTarget(target)) return fail(`Unknown target "${target}"`);
  const name = target.includes("windows") ? "aws-vault.exe" : "aws-vault";
  return { target, output: output ?? `dist/${target}/${name}` };
}

function isTarget(text: string): text is Target {
  return (TARGETS as readonly string[]).includes(text);
}

function split(argument: string): [flag: string, value: string | undefined] {
  const at = argument.startsWith("--") ? argument.indexOf("=") : -1;
  return at < 0 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function fail(message: string): never {
  const usage = "deno task compile [--target TARGET]... [--all] [--output PATH] [--pinned]";
  throw new Error(`${message}\nusage: ${usage}\ntargets: ${TARGETS.join(", ")}`);
}

/**
 * V8 is set up for a program that lives for some milliseconds, or serves credentials for days.
 *
 * A cached export fits into a young generation of 2 MB, and ends before optimised code pays for its
 * compilation. Measured with 2.7.11 against an empty program: 1.57 without these flags and with three more
 * modules in front of the script (`hot_script.ts`), 1.40 with them, 1.30 since it evaluates less. A server
 * uses 85 MB during 200,000 answers instead of 168: the last compiler, which is large, is not even mapped,
 * and garbage is collected while it is young. It still gives 18,000 answers a second.
 */
const PROGRAM_FLAGS = [
  "--min-semi-space-size=2",
  "--semi-space-growth-factor=1",
  "--memory-saver-mode",
  "--invocation-count-for-feedback-allocation=30",
  "--invocation-count-for-maglev=1500",
  "--no-concurrent-marking",
  "--no-concurrent-recompilation",
  "--no-sparkplug",
  "--no-opt",
  // For servers: `src/system/servers.ts`.
  "--expose-gc",
];

/**
 * The arguments of `deno compile` for a build.
 *
 * All permissions, and no prompts for them: `/dev/tty` is opened only with `--allow-all`. No code cache
 * of the runtime: it would be a file with a predictable name in the shared temporary folder, whose owner
 * nobody checks, so anyone who plants one runs code as the user; the program's own cache is inside the
 * binary (`hot_script.ts`). `--quiet` is stored in the binary: the runtime's own warnings are not for
 * the program's users.
 */
export function compileArguments(
  build: Build,
  embedded: readonly string[],
  engineFlags: readonly string[] = PROGRAM_FLAGS,
): string[] {
  return [
    "compile",
    `--v8-flags=${engineFlags.join()}`,
    "--quiet",
    "--allow-all",
    "--no-prompt",
    "--no-code-cache",
    "--no-check",
    "--cached-only",
    "--target",
    build.target,
    "--output",
    build.output,
    ...embedded.flatMap((name) => ["--include", name]),
    "main.js",
  ];
}

/**
 * The arguments of `deno bundle`: few files, of which a command loads only those that it needs.
 *
 * Measured with 59 modules on the path of `--version`, processor time against an empty program: 1.31 with
 * separate modules, 1.45 as one file, 1.16 split at lazy imports, 1.13 minified; this takes a cached
 * `export` from 1.50 to 1.43, and `hot_script.ts` to 1.25. Stack traces then show a place in the bundle,
 * which anybody can rebuild: two builds are equal.
 */
export function bundleArguments(folder: string): string[] {
  const split = ["--platform", "deno", "--code-splitting", "--minify", "--outdir", folder];
  return ["bundle", "--quiet", "--frozen", ...split, "main.ts"];
}

/** The arguments of `deno bundle` that convert modules to CommonJS, without what they import. */
export function convertArguments(names: readonly string[], outputFolder: string): string[] {
  const alone = ["--inline-imports=false", "--format", "cjs"];
  return ["bundle", "--quiet", "--platform", "deno", "--minify", ...alone].concat(
    "--outdir",
    outputFolder,
    names,
  );
}

/** The bundle in a folder, of which programs are made. */
interface Bundle {
  readonly folder: string;
  readonly target: Target;
  /** The path of the runtime base. */
  readonly base: string;
  /** Runs the Deno that compiles, in this folder if no other is named. */
  runDeno(args: string[], options?: { cwd?: string; base?: string }): Promise<void>;
}

/** Makes one binary from the source in a folder. */
export async function compile(build: Build, root: string): Promise<void> {
  const deno = compilingDeno();
  const version = await compilingVersion();
  const pins = await readPins();
  const compare: Compare = (ingredient) => {
    const note = checkIngredient(pins, ingredient, build.isPinned === true);
    if (note !== undefined) console.error(note);
  };
  await checkDeno(compare, deno, version);
  const given = await readGivenBase(compare, build.target, version);
  await using staged = await stageSource(deno, root);
  const { target } = build;
  const base = await provideBase(compare, given, staged, version, target);
  const folder = `${staged.folder}/bundle`;
  const variables = { DENO_DIR: staged.denoDir, NO_COLOR: "1" };
  const bundle: Bundle = {
    folder,
    target,
    base,
    async runDeno(args, { cwd = folder, base } = {}) {
      const env = { ...variables, ...base !== undefined && { DENORT_BIN: base } };
      await run(deno, args, { env, cwd }, target);
    },
  };
  await bundle.runDeno(bundleArguments(folder), { cwd: staged.folder });
  const output = absolute(build.output, root);
  await Deno.mkdir(output.slice(0, output.lastIndexOf("/")), { recursive: true });
  await makeProgram(bundle, output);
}

async function makeProgram(bundle: Bundle, output: string): Promise<void> {
  const { folder } = bundle;
  const isMerged = await mergeHotChunks(folder, async (entry, merged) => {
    const args = ["bundle", "--quiet", "--platform", "deno", "--minify", "--output", merged, entry];
    await bundle.runDeno(args);
  });
  await Deno.writeTextFile(`${folder}/deno.json`, "{}");
  if (!isMerged) return await link(bundle, output);
  const scripts = {
    hot: await makeHotScript(folder),
    cold: await makeColdScripts(folder, async (names, outputFolder) => {
      await bundle.runDeno(convertArguments(names, outputFolder));
    }),
  };
  await linkPack(bundle, output, { ...scripts, codeCache: await makeCodeCache(bundle, scripts) });
}

/** Makes a program of `main.js`. */
async function link(
  { folder, target, base, runDeno }: Bundle,
  output: string,
  { embedded = [], flags }: { embedded?: readonly string[]; flags?: readonly string[] } = {},
): Promise<void> {
  await fixTimes(folder);
  await runDeno(compileArguments({ target, output }, embedded, flags), { base });
}

/** Makes a program of scripts, with a separate loader for a recorder of the code cache. */
async function linkPack(
  bundle: Bundle,
  output: string,
  scripts: Scripts,
  recorder?: { readonly flags: readonly string[] },
): Promise<void> {
  const pack = makePack(scripts);
  const base = await Deno.readFile(bundle.base);
  const place: PackPlace = bundle.target.includes("linux") ? { behind: base.length } : "embedded";
  const loader = renderLoader(pack, scripts.hot.start, place, recorder !== undefined);
  await Deno.writeTextFile(`${bundle.folder}/main.js`, loader);
  if (place === "embedded") {
    await Deno.writeFile(`${bundle.folder}/${PACK}`, pack.bytes);
    return await link(bundle, output, { embedded: [PACK], ...recorder });
  }
  const packed = `${bundle.base}-packed`;
  await Deno.writeFile(packed, base, { mode: 0o755 });
  await Deno.writeFile(packed, pack.bytes, { append: true });
  await link({ ...bundle, base: packed }, output, recorder);
}

/**
 * V8 notes in each function how far it has been compiled and how hot it is, which depends on its threads,
 * on the load of the machine and on what a run reads: random keys, the time. So two recordings would
 * differ. None of these flags changes the bytecode that is recorded.
 */
const RECORDER_FLAGS = ["--predictable", "--no-profile-guided-optimization", "--no-sparkplug"];

/**
 * A code cache of the hot script, made by the program itself; `undefined` where it cannot be made.
 *
 * Only V8 for the target can make a cache that V8 for the target accepts, so it is made if the target
 * is this machine. A machine where it cannot be made (a container without the kernel's keys) still gets
 * its program, which starts slower; the bench's budgets reject such a program.
 */
async function makeCodeCache(bundle: Bundle, scripts: Scripts): Promise<Uint8Array | undefined> {
  const { target, folder } = bundle;
  if (target !== Deno.build.target) {
    console.error(`No code cache for ${target}: compile there, for a quicker start`);
    return undefined;
  }
  const { recordCodeCache } = await import("./record_code_cache.ts");
  const [recorder, cache] = [`${folder}/../recorder`, `${folder}/hot.cache`];
  try {
    await linkPack(bundle, recorder, scripts, { flags: RECORDER_FLAGS });
    await recordCodeCache(recorder, cache);
    const script = `${folder}/hot.txt`;
    await Deno.writeTextFile(script, scripts.hot.script);
    await acceptCodeCache(script, cache);
    return await Deno.readFile(cache);
  } catch (error) {
    console.error(`No code cache: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Makes V8 accept the recorded cache in a program with other flags than the recorder's. */
async function acceptCodeCache(script: string, cache: string): Promise<void> {
  const program = `${import.meta.dirname}/accept_code_cache.ts`;
  const flags = ["--quiet", "--no-config", "--allow-all", `--v8-flags=${PROGRAM_FLAGS.join()}`];
  const args = ["run", ...flags, program, script, cache];
  await run(compilingDeno(), args, { env: { NO_COLOR: "1" } }, Deno.build.target);
}

/** The Deno that compiles: `OFFLINE_DENO`, else the one that runs this script. */
function compilingDeno(): string {
  return Deno.env.get("OFFLINE_DENO") ?? Deno.execPath();
}

/** The release of Deno that programs are compiled with. */
export async function compilingVersion(): Promise<string> {
  const { stdout } = await new Deno.Command(compilingDeno(), { args: ["--version"] }).output();
  return new TextDecoder().decode(stdout).match(/^deno (\S+)/)?.[1] ?? "unknown";
}

/**
 * Checks that the Deno that compiles is the one in the table.
 *
 * It examines itself here, which detects a wrong one but not a hostile one: `.ci/install-deno` compares
 * before any of it runs.
 */
async function checkDeno(compare: Compare, deno: string, version: string): Promise<void> {
  await compare({
    name: `deno-${version}-${Deno.build.target}`,
    sha256: await sha256(await Deno.readFile(deno)),
    ...Deno.env.has("OFFLINE_DENO") && { givenBy: "OFFLINE_DENO" },
  });
}

async function run(
  deno: string,
  args: string[],
  options: Deno.CommandOptions,
  target: string,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(deno, { args, ...options }).output();
  if (!success) throw new Error(explain(new TextDecoder().decode(stderr), target));
}

function absolute(path: string, root: string): string {
  const plain = path.replaceAll("\\", "/");
  return /^(\/|[A-Za-z]:\/)/.test(plain) ? plain : `${root}/${plain}`;
}

/** What went wrong and, if known, what to do. */
export function explain(stderr: string, target: string): string {
  const said = stderr.replace(/\nStack backtrace:[\s\S]*/, "").trim();
  const message = `Cannot compile for ${target}\n${said}`;
  if (/invalid value .*--target/.test(said)) {
    return `${message}\nhint: This release of Deno does not compile for it: use Deno 2.9 or later`;
  }
  return message;
}

async function main(): Promise<number> {
  const root = (import.meta.dirname ?? "").replaceAll("\\", "/").replace(/\/[^/]+$/, "");
  try {
    const builds = planBuilds(Deno.args, Deno.build.target);
    if (builds.length > 1 && Deno.env.has("DENORT_BIN")) fail("DENORT_BIN is for one target");
    for (const build of builds) {
      await compile(build, root);
      const { size } = await Deno.stat(absolute(build.output, root));
      console.error(`${build.output} (${(size / 1e6).toFixed(1)} MB)`);
    }
    return 0;
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main());
