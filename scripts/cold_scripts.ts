/**
 * Turns the chunks that the program loads later into scripts.
 *
 * As modules, `deno compile` would have to embed each of them, and the runtime reads the list of all of
 * them at each start. As scripts they lie in the pack (`pack.ts`), and only those that run are read.
 * The bundler does the conversion: it makes CommonJS of a module, in which an imported name still
 * means the exporter's variable, also in a cycle and after a change.
 */

import { HOT, PROGRAM } from "./merge_chunks.ts";

/** The chunks that are loaded later, each with its number in the pack. */
export type ChunkNumbers = ReadonlyMap<string, number>;

/** Converts files of a folder to CommonJS, without what they import; the results are in another folder. */
export type ConvertFiles = (names: readonly string[], outputFolder: string) => Promise<void>;

/** Numbers the chunks of a bundle. */
export function numberChunks(folder: string): ChunkNumbers {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".js") && ![HOT, PROGRAM, "main.js"].includes(name));
  return new Map(names.toSorted().map((name, number) => [name, number]));
}

/**
 * The chunks as scripts, by their numbers. Each is a function of what the hot script exports,
 * `requireScript`, the object whose `exports` it sets, and `importLazily`.
 *
 * Throws an `Error` for a chunk that imports a module of the runtime statically.
 */
export async function makeColdScripts(
  folder: string,
  numbers: ChunkNumbers,
  convert: ConvertFiles,
): Promise<readonly string[]> {
  const converted = `${folder}/converted`;
  await convert([...numbers.keys()], converted);
  const texts = await Promise.all(
    [...numbers.keys()].map(async (name) => {
      return wrap(name, await Deno.readTextFile(`${converted}/${name}`), numbers);
    }),
  );
  await Deno.remove(converted, { recursive: true });
  return texts;
}

/** Not `require` and `module`: libraries look for them, and would take the program for Node.js. */
function wrap(name: string, text: string, numbers: ChunkNumbers): string {
  const body = loadLazily(exportDirectly(text), numbers)
    .replace(/^(.*?)\bmodule\.exports=/, "$1target.exports=")
    .replaceAll(
      /\brequire\("\.\/([^"]+)"\)/g,
      (_, imported) => imported === HOT ? "hot" : `requireScript(${numberOf(imported, numbers)})`,
    );
  const other = /\brequire\("[^"]*"\)/.exec(body)?.[0];
  if (other !== undefined) throw new Error(`${name}: only import() can load this: ${other}`);
  return `((hot,requireScript,target,importLazily)=>{"use strict";${body}\n})`;
}

/**
 * Replaces the bundler's four functions at the beginning, which define each export twice, by getters. They
 * take as long as the rest of a small chunk. A chunk that uses one of them again keeps them.
 */
function exportDirectly(text: string): string {
  const [whole = "", functions = "", , exported = ""] = EXPORTS.exec(text) ?? [];
  const rest = text.slice(whole.length);
  const wrapImport = /([\w$]+)=\([^()]*\)=>\([\w$]+=[\w$]+!=null/.exec(functions)?.[1];
  if (whole === "" || wrapImport !== undefined && rest.includes(`${wrapImport}(require(`)) {
    return text;
  }
  const getters = exported.replaceAll(/([\w$]+):\(\)=>([\w$.]+)/g, "get $1(){return $2}");
  return `module.exports={${getters}};${rest}`;
}

const EXPORTS =
  /^(var [\w$]+=Object\.(?:create|defineProperty);.*?)var ([\w$]+)=\{\};[\w$]+\(\2,\{((?:[\w$]+:\(\)=>[\w$.]+,?)*)\}\);module\.exports=[\w$]+\(\2\);/;

/**
 * The text with `importLazily()` instead of `import()`, which a script does not have. Throws an `Error` for
 * anything but a chunk and a module of the runtime: it may be text that only looks like an import.
 */
export function loadLazily(text: string, numbers: ChunkNumbers): string {
  return text.replaceAll(/\bimport\("([^"]+)"\)/g, (_, name: string) => {
    if (name.startsWith("node:")) return `importLazily("${name}")`;
    return `importLazily(${numberOf(name.replace(/^\.\//, ""), numbers)})`;
  });
}

function numberOf(name: string, numbers: ChunkNumbers): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Error(`Nothing in the bundle is called ${name}`);
  return number;
}
