/** The command lines of the Deno that compiles: `deno bundle`, `deno compile`, and the flags of V8. */

import type { Build } from "./build_plan.ts";

/**
 * V8 is set up for a program that lives for some milliseconds, or serves credentials for days.
 *
 * A cached export fits into a young generation of 2 MB, and ends before optimised code pays for its
 * compilation. Measured with 2.7.11 against an empty program: 1.57 without these flags and with three more
 * modules in front of the script (`hot_script.ts`), 1.40 with them, 1.30 since it evaluates less. A server
 * uses 85 MB during 200,000 answers instead of 168: the last compiler, which is large, is not even mapped,
 * and garbage is collected while it is young. It still gives 18,000 answers a second.
 */
export const PROGRAM_FLAGS = [
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
 * V8 notes in each function how far it has been compiled and how hot it is, which depends on its threads,
 * on the load of the machine and on what a run reads: random keys, the time. So two recordings would
 * differ. None of these flags changes the bytecode that is recorded.
 */
export const RECORDER_FLAGS = [
  "--predictable",
  "--no-profile-guided-optimization",
  "--no-sparkplug",
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

/** The arguments of `deno bundle` that put a file and all that it imports into one file. */
export function mergeArguments(entry: string, output: string): string[] {
  return ["bundle", "--quiet", "--platform", "deno", "--minify", "--output", output, entry];
}

/** The arguments of `deno bundle` that convert modules to CommonJS, without what they import. */
export function convertArguments(names: readonly string[], outputFolder: string): string[] {
  const alone = ["--inline-imports=false", "--format", "cjs", "--outdir", outputFolder];
  return ["bundle", "--quiet", "--platform", "deno", "--minify", ...alone, ...names];
}
