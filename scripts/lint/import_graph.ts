/** Which files of the program import which, and whether they do so in a circle. */

/** The imports of each file, by their paths from the root of the project. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const ROOT = new URL("../..", import.meta.url);

/** `from "x"`, `import "x"`, `import("x")`: also what is imported for its types only, or later. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g;

/** Reads the imports of all files below some folders of the project. */
export async function readImports(folders: readonly string[]): Promise<ImportGraph> {
  const graph = new Map<string, readonly string[]>();
  for (const folder of folders) {
    for await (const path of filesBelow(folder)) {
      graph.set(path, importsOf(path, await Deno.readTextFile(new URL(path, ROOT))));
    }
  }
  return graph;
}

/** The files that a text imports by a relative path. */
export function importsOf(path: string, text: string): string[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  return [...code.matchAll(IMPORT)].map(([, specifier]) =>
    new URL(specifier!, `file:///${path}`).pathname.slice(1)
  );
}

/** Whether a file of the project leads to another by what it imports; files are read as they are needed, once. */
export function leadsTo(from: string, goal: string): boolean {
  const found = new Set<string>();
  const left = [from];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (path === goal) return true;
    if (found.has(path)) continue;
    found.add(path);
    left.push(...importsOfFile(path));
  }
  return false;
}

const read = new Map<string, readonly string[]>();

function importsOfFile(path: string): readonly string[] {
  const known = read.get(path);
  if (known !== undefined) return known;
  const imports = importsOf(path, textOf(path));
  read.set(path, imports);
  return imports;
}

/** What cannot be read is for the type check to say. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(new URL(path, ROOT));
  } catch {
    return "";
  }
}

/** Every group of files that reach each other by their imports, each sorted; a file that imports itself is one. */
export function findCircles(graph: ImportGraph): string[][] {
  const reach = new Map([...graph.keys()].map((path) => [path, reachable(graph, path)]));
  const circles = new Map<string, string[]>();
  for (const [path, others] of reach) {
    if (!others.has(path)) continue;
    const circle = [...others].filter((other) => reach.get(other)?.has(path)).sort();
    circles.set(circle[0]!, circle);
  }
  return [...circles.values()];
}

function reachable(graph: ImportGraph, start: string): Set<string> {
  const found = new Set<string>();
  const left = [...graph.get(start) ?? []];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    left.push(...graph.get(path) ?? []);
  }
  return found;
}

async function* filesBelow(folder: string): AsyncIterable<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield path;
  }
}
