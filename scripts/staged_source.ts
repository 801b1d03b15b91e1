/**
 * A copy of exactly what goes into the binary, at the same relative paths on every machine.
 *
 * A bundle names the path of each of its modules in comments, and `deno compile` embeds every file's
 * modification time. So the files of the program's module graph, and the parts of packages that can run,
 * are copied into a separate folder, and all get the same time. This is what makes two builds equal.
 */

/** A folder to compile in; disposing of it removes it. */
export interface StagedSource extends AsyncDisposable {
  /** The folder of `main.ts` and `deno.json`. */
  readonly folder: string;
  /** The `DENO_DIR` to compile with, which contains the packages. */
  readonly denoDir: string;
  /** The `DENO_DIR` of the user, where runtime bases are kept between builds. */
  readonly sharedDenoDir: string;
}

/** The used part of the output of `deno info --json`. */
interface ModuleGraph {
  readonly modules: readonly { local?: string; error?: string }[];
  readonly npmPackages?: Readonly<Record<string, { name: string; version: string }>>;
}

/** The time of every embedded file: 2000-01-01, an arbitrary choice. */
const EMBEDDED_TIME = new Date(Date.UTC(2000, 0, 1));

/** The files of a package that can run, without the builds for browsers. */
const RUNS = /^(?!.*\.(min|umd)\.).*\.([cm]?js|json|wasm)$/;

/** Copies what `main` needs, found through its imports, including lazy ones. */
export async function stageSource(deno: string, root: string): Promise<StagedSource> {
  await run(deno, root, ["cache", "--quiet", "--frozen", "main.ts"]);
  const graph = await readJson(deno, root, [
    "info",
    "--json",
    "--frozen",
    "main.ts",
  ]) as ModuleGraph;
  const cache = await readJson(deno, root, ["info", "--json"]) as {
    denoDir: string;
    npmCache: string;
  };
  const base = await Deno.makeTempDir({ prefix: "aws-vault-compile-" });
  const staged: StagedSource = {
    folder: `${base}/source`,
    denoDir: `${base}/deno`,
    sharedDenoDir: cache.denoDir,
    [Symbol.asyncDispose]: () => Deno.remove(base, { recursive: true }),
  };
  for (const path of sourceFiles(graph, root)) {
    await copyFile(`${root}/${path}`, `${staged.folder}/${path}`);
  }
  for (const { path, folder } of packagesOf(graph, cache.npmCache)) {
    await copyFolder(folder, `${staged.denoDir}/npm/${path}`);
  }
  return staged;
}

/** The project's own files in a module graph, from the root, with the settings that Deno reads for them. */
export function sourceFiles(graph: ModuleGraph, root: string): string[] {
  const files = new Set(["deno.json", "deno.lock"]);
  for (const { local, error } of graph.modules) {
    if (error !== undefined) throw new Error(`Cannot resolve the program's imports: ${error}`);
    const path = local?.replaceAll("\\", "/");
    if (path?.startsWith(`${root}/`)) files.add(path.slice(root.length + 1));
  }
  return [...files].toSorted();
}

async function readJson(deno: string, cwd: string, args: string[]): Promise<unknown> {
  return JSON.parse(await run(deno, cwd, args));
}

async function run(deno: string, cwd: string, args: string[]): Promise<string> {
  const output = await new Deno.Command(deno, { args, cwd, stderr: "inherit" }).output();
  if (!output.success) throw new Error(`\`deno ${args.join(" ")}\` failed`);
  return new TextDecoder().decode(output.stdout);
}

/** A package of npm in Deno's cache. */
export interface CachedPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** The folder, relative to where the cache keeps packages. */
  readonly path: string;
}

/** The packages that the program imports, and their dependencies, sorted by name. */
export async function packageFolders(deno: string, root: string): Promise<CachedPackage[]> {
  const { graph, cache } = await readGraph(deno, root);
  return packagesOf(graph, cache.npmCache);
}

async function readGraph(deno: string, root: string) {
  await run(deno, root, ["cache", "--quiet", "--frozen", "main.ts"]);
  const graph = await readJson(deno, root, ["info", "--json", "--frozen", "main.ts"]);
  const cache = await readJson(deno, root, ["info", "--json"]);
  return { graph: graph as ModuleGraph, cache: cache as { denoDir: string; npmCache: string } };
}

function packagesOf(graph: ModuleGraph, npmCache: string): CachedPackage[] {
  return Object.values(graph.npmPackages ?? {})
    .map(({ name, version }) => {
      const path = packagePath(npmCache, name, version);
      return { name, version, path, folder: `${npmCache}/${path}` };
    })
    .toSorted((a, b) => a.path < b.path ? -1 : 1);
}

/**
 * Where a package is in the cache, which has one folder per registry: it may have come from a
 * mirror.
 */
function packagePath(npmCache: string, name: string, version: string): string {
  for (const registry of Deno.readDirSync(npmCache)) {
    const path = `${registry.name}/${name}/${version}`;
    if (exists(`${npmCache}/${path}`)) return path;
  }
  throw new Error(`The package "${name}@${version}" is not in Deno's cache`);
}

async function copyFolder(from: string, to: string, below = ""): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(`${from}/${below}`)) {
    const path = `${below}${name}`;
    if (isDirectory) await copyFolder(from, to, `${path}/`);
    else if (RUNS.test(path)) await copyFile(`${from}/${path}`, `${to}/${path}`);
  }
}

/** Gives every file of a folder the time of all embedded files. */
export async function fixTimes(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    await Deno.utime(`${folder}/${name}`, EMBEDDED_TIME, EMBEDDED_TIME);
  }
}

async function copyFile(from: string, to: string): Promise<void> {
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(to, await Deno.readFile(from), { mode: 0o644 });
  await Deno.utime(to, EMBEDDED_TIME, EMBEDDED_TIME);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
