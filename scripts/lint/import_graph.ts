/** Which files of the program import which. */

const ROOT = new URL("../..", import.meta.url);

/** `from "x"`, `import "x"`, `import("x")`: includes type-only and lazy imports. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g;

/** The files that a text imports by a relative path. */
export function importsOf(path: string, text: string): string[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  return [...code.matchAll(IMPORT)].map(([, specifier]) =>
    new URL(specifier!, `file:///${path}`).pathname.slice(1)
  );
}

/** Whether one file of the project reaches another through imports; reads each file on demand, once. */
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

/** A file that cannot be read is left to the type check to report. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(new URL(path, ROOT));
  } catch {
    return "";
  }
}
