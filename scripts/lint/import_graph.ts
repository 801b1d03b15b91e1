/** Which files of the program import which. */

const ROOT = new URL("../..", import.meta.url);

/** `from "x"`, `import "x"`, `import("x")`: also what is imported for its types only, or later. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g;

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
