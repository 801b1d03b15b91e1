/**
 * Which modules a cached call evaluates: `deno run -A scripts/start_modules.ts`.
 *
 * The compiled program evaluates all of them at its start (`merge_chunks.ts`), so each costs every call a
 * little. They are listed in `start_modules.txt`, one a line, and a test compares: a module that is
 * added to the start is added on purpose. `--write` updates the list.
 */

import { HOT_EXPORTS } from "./merge_chunks.ts";

const ROOT = decodeURIComponent(new URL("..", import.meta.url).href);
const LIST = new URL("start_modules.txt", import.meta.url);

/** The used part of the output of `deno info --json`. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly isDynamic?: boolean;
    }[];
  }[];
}

/** The paths of the modules, sorted: `main.ts`, what a cached call loads later, and all their static imports. */
export async function startModules(): Promise<string[]> {
  const graph = await readGraph();
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    graph.get(path)?.forEach(visit);
  };
  visit("main.ts");
  for (const path of graph.keys()) if (await isLoadedLater(path)) visit(path);
  return [...found].toSorted();
}

/** The committed list. */
export async function listedModules(): Promise<string[]> {
  return (await Deno.readTextFile(LIST)).trimEnd().split("\n");
}

/** The project's modules, each with those that it imports statically. */
async function readGraph(): Promise<ReadonlyMap<string, readonly string[]>> {
  const args = ["info", "--json", "--frozen", "main.ts"];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: new URL(ROOT) }).output();
  const { modules }: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
  const own = (specifier = "") => specifier.startsWith(ROOT) ? [specifier.slice(ROOT.length)] : [];
  return new Map(modules.flatMap(({ specifier, dependencies = [] }) => {
    const imported = dependencies.filter(({ isDynamic }) => !isDynamic)
      .flatMap(({ code }) => own(code?.specifier));
    return own(specifier).map((path) => [path, imported]);
  }));
}

async function isLoadedLater(path: string): Promise<boolean> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  const exported = text.matchAll(/^export (?:const|(?:async )?function) (\w+)/gm);
  return [...exported].some(([, name]) => HOT_EXPORTS.has(name!));
}

async function main(): Promise<void> {
  const list = (await startModules()).join("\n") + "\n";
  if (Deno.args.includes("--write")) await Deno.writeTextFile(LIST, list);
  else console.log(list.trimEnd());
}

if (import.meta.main) await main();
