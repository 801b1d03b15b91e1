/**
 * Makes the binaries: `deno task compile [--target T]... [--all] [--output PATH] [--pinned]`.
 *
 * `DENORT_BIN` names the runtime base for the target where Deno cannot download one, and `OFFLINE_DENO`
 * the Deno of the same release, which then compiles. Everything else must have the SHA-256 in
 * `scripts/deno.sha256`; with `--pinned` all of it must be listed there.
 */

import { type Build, fail, planBuilds } from "./build_plan.ts";
import { bundleArguments } from "./compile_arguments.ts";
import { type Bundle, makeProgram } from "./make_program.ts";
import { checkIngredient, type Compare, readPins, sha256 } from "./pinned_deno.ts";
import { provideBase, readGivenBase } from "./provide_base.ts";
import { stageSource } from "./staged_source.ts";

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
