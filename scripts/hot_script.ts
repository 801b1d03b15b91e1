/**
 * Turns the one hot file into a script that V8 compiles from a code cache.
 *
 * Half of what the program adds to the runtime's start is V8's: it parses and compiles what a cached call
 * runs, each time again. Only the runtime itself can compile modules from a cache, and it uses a file in
 * the shared temporary folder, which anybody may have planted (`docs/decisions.md`). A script of
 * `node:vm` can take its cache from anywhere: here, from the binary that the script comes from. V8
 * rejects a cache that another release, other flags or another processor made; the program then starts
 * slower, and does the same.
 */

import { HOT, PROGRAM, readExports } from "./merge_chunks.ts";

/** The script. Its name is not a module's, since the compiler would read it as one. */
export const SCRIPT = "hot.txt";
const LOADER = "script.js";
const LAZY = "lazy.js";

/** The result of V8's compilation of the script. */
export const CODE_CACHE = "hot.cache";

/** The variable that gives the recorder the file of the code cache. */
export const RECORD_VARIABLE = "AWS_VAULT_RECORD";

/**
 * Where the script takes its code cache from: nowhere, the binary, or, in the recorder, the file that
 * a variable names, if it exists; the recorder writes a new one when the program ends.
 */
export type CacheFrom = "nowhere" | "binary" | "record";

/** Turns the hot file in a folder into a script, and returns the names of the files to embed. */
export async function makeHotScript(folder: string): Promise<readonly string[]> {
  const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
  const { body, items } = readExports(await Deno.readTextFile(`${folder}/${HOT}`));
  const values = items.map(({ local, exported }) => `${exported}:${local}`);
  const script = escapeNonAscii(body.replaceAll(LAZY_IMPORT, 'importLazily("$1")'));
  await write(SCRIPT, `(importLazily=>{"use strict";${script}\nreturn{${values.join()}}})`);
  const names = items.map(({ exported }) => exported);
  await write(HOT, `import{hot}from"./${LOADER}";export const{${names.join()}}=hot;`);
  await write(LAZY, renderTable([...body.matchAll(LAZY_IMPORT)].map(([, name]) => name!)));
  await shortenMain(folder);
  await setCacheFrom(folder, "nowhere");
  return [SCRIPT];
}

/** Each module between the program and the script costs a cached call half a percent. */
async function shortenMain(folder: string): Promise<void> {
  const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
  const tail = (await read("main.js")).replace(/^import\{[^}]*\}from"[^"]*";/, "");
  const { items } = readExports(await read(PROGRAM));
  const names = items.map(({ local, exported }) => `${local}:${exported}`);
  const main = `import{hot}from"./${LOADER}";const{${names.join()}}=hot;${tail}`;
  await Deno.writeTextFile(`${folder}/main.js`, main);
}

const LAZY_IMPORT = /\bimport\("([^"]+)"\)/g;

/**
 * As ASCII: with one character beyond Latin-1, V8 stores the whole script in two bytes per
 * character.
 */
function escapeNonAscii(script: string): string {
  return script.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The compiler embeds the modules that it sees imported; this module is never run. */
function renderTable(specifiers: readonly string[]): string {
  return [...new Set(specifiers)].toSorted().map((name) => `import("${name}");`).join("");
}

/** Writes the module that runs the script. */
export async function setCacheFrom(folder: string, from: CacheFrom): Promise<void> {
  const read = `import.meta.dirname+"/`;
  const cachedData = {
    nowhere: "undefined",
    binary: `Deno.readFileSync(${read}${CODE_CACHE}")`,
    record: `recorded()`,
  }[from];
  const text = `import{Script}from"node:vm";export const lazy=()=>import("./${LAZY}");` +
    (from === "record" ? RECORDER : "") + READER +
    `const script=new Script(embedded(()=>Deno.readTextFileSync(${read}${SCRIPT}")),` +
    `{filename:"${HOT}",cachedData:${cachedData}});` +
    `export const hot=script.runInThisContext()(name=>import(name));`;
  await Deno.writeTextFile(`${folder}/${LOADER}`, text);
}

/**
 * The runtime has embedded files under a path in the temporary folder, where nothing is written. A path from
 * a `TMPDIR` that is not UTF-8 cannot be expressed in JavaScript, and would end in a stack trace.
 */
const READER = `
function embedded(read){
  try{return read()}catch{
    Deno.stderr.writeSync(new TextEncoder().encode("error: Cannot use the variable TMPDIR: it is not UTF-8\\n"+
      "hint: Set TMPDIR to UTF-8 text, or unset it\\n"));
    Deno.exit(2);
  }
}
`;

/** A run needs exactly what V8 has compiled by its end. */
const RECORDER = `
const record=Deno.env.get("${RECORD_VARIABLE}");
function recorded(){
  if(record===undefined)return undefined;
  const exit=Deno.exit;
  Deno.exit=code=>{Deno.writeFileSync(record,script.createCachedData());exit(code)};
  try{return Deno.readFileSync(record)}catch{return undefined}
}
`;
