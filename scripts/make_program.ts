/** Makes a program of a bundle: what starts and what is loaded later become scripts, behind a loader. */

import { Buffer } from "node:buffer";
import type { Target } from "./build_plan.ts";
import { makeColdScripts, numberChunks } from "./cold_scripts.ts";
import {
  compileArguments,
  convertArguments,
  mergeArguments,
  PROGRAM_FLAGS,
  RECORDER_FLAGS,
} from "./compile_arguments.ts";
import { makeHotScript } from "./hot_script.ts";
import { mergeHotChunks } from "./merge_chunks.ts";
import { makePack, PACK, type PackPlace, renderLoader, type Scripts } from "./pack.ts";
import { fixTimes } from "./staged_source.ts";

/** The bundle in a folder, of which programs are made. */
export interface Bundle {
  readonly folder: string;
  readonly target: Target;
  /** The path of the runtime base. */
  readonly base: string;
  /** Runs the Deno that compiles, in this folder if no other is named. */
  runDeno(args: string[], options?: { cwd?: string; base?: string }): Promise<void>;
}

/** Makes the program of a bundle; one that is a single file is compiled as it is. */
export async function makeProgram(bundle: Bundle, output: string): Promise<void> {
  const { folder } = bundle;
  const isMerged = await mergeHotChunks(folder, async (entry, merged) => {
    await bundle.runDeno(mergeArguments(entry, merged));
  });
  await Deno.writeTextFile(`${folder}/deno.json`, "{}");
  if (!isMerged) return await link(bundle, output);
  const numbers = numberChunks(folder);
  const scripts = {
    hot: await makeHotScript(folder, numbers),
    cold: await makeColdScripts(folder, numbers, async (names, outputFolder) => {
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
  await checkPlace(output, base.length, pack.bytes);
}

/** Throws an `Error` if the bytes are not in the file where its loader looks for them. */
async function checkPlace(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const there = (await Deno.readFile(path)).subarray(at, at + bytes.length);
  if (Buffer.compare(there, bytes) === 0) return;
  throw new Error(`Cannot compile with this Deno: it moves what lies behind its runtime base`);
}

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
    await acceptCodeCache(bundle, script, cache);
    return await Deno.readFile(cache);
  } catch (error) {
    console.error(`No code cache: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Makes V8 accept the recorded cache in a program with other flags than the recorder's. */
async function acceptCodeCache({ runDeno }: Bundle, script: string, cache: string): Promise<void> {
  const program = `${import.meta.dirname}/accept_code_cache.ts`;
  const flags = ["--quiet", "--no-config", "--allow-all", `--v8-flags=${PROGRAM_FLAGS.join()}`];
  await runDeno(["run", ...flags, program, script, cache]);
}
