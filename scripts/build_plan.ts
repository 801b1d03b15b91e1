/** Which binaries `deno task compile` makes: the platforms, and the command line. */

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

/** Throws an `Error` that shows the usage. */
export function fail(message: string): never {
  const usage = "deno task compile [--target TARGET]... [--all] [--output PATH] [--pinned]";
  throw new Error(`${message}\nusage: ${usage}\ntargets: ${TARGETS.join(", ")}`);
}
