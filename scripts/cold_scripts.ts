/**
 * Turns the chunks that the program loads later into scripts.
 *
 * As modules, `deno compile` would have to embed each of them, and the runtime reads the list of all of
 * them at each start. As scripts they lie in the pack (`pack.ts`), and only those that run are read.
 * The bundler does the conversion: it makes CommonJS of a module, in which an imported name still
 * means the exporter's variable, also in a cycle and after a change.
 */

import { HOT, PROGRAM } from "./merge_chunks.ts";
import { loadLazily } from "./hot_script.ts";

/** Converts files of a folder to CommonJS, without what they import; the results are in another folder. */
export type ConvertFiles = (names: readonly string[], outputFolder: string) => Promise<void>;

/**
 * The scripts, by the names under which the program imports them. Each is a function of `requireScript`,
 * the object whose `exports` it sets, and `importLazily`.
 *
 * Throws an `Error` for a chunk that imports a module of the runtime statically.
 */
export async function makeColdScripts(
  folder: string,
  convert: ConvertFiles,
): Promise<ReadonlyMap<string, string>> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".js") && ![HOT, PROGRAM, "main.js"].includes(name))
    .toSorted();
  const converted = `${folder}/converted`;
  await convert(names, converted);
  const scripts = new Map<string, string>();
  for (const name of names) {
    scripts.set(`./${name}`, wrap(name, await Deno.readTextFile(`${converted}/${name}`)));
  }
  await Deno.remove(converted, { recursive: true });
  return scripts;
}

/**
 * Not `require` and `module`: libraries look for them, and would take the program for Node.js.
 */
function wrap(name: string, text: string): string {
  const renamed = loadLazily(text).replace("module.exports=", "target.exports=")
    .replaceAll(/\brequire\("(\.\/[^"]+)"\)/g, 'requireScript("$1")');
  const other = /\brequire\("[^"]*"\)/.exec(renamed)?.[0];
  if (other !== undefined) throw new Error(`${name}: only import() can load this: ${other}`);
  return `((requireScript,target,importLazily)=>{"use strict";${renamed}\n})`;
}
