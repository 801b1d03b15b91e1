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

import { type ChunkNumbers, loadLazily } from "./cold_scripts.ts";
import { HOT, PROGRAM, readExports } from "./merge_chunks.ts";

/** What runs at the start of the program, as text. */
export interface HotScript {
  /** A function of `importLazily`, as the text of a script; it returns everything that `hot.js` exports. */
  readonly script: string;
  /** What `main.ts` runs, with the result of the script as `hot`. */
  readonly start: string;
}

/** Turns the hot file and `main.js` of a folder into a script and what runs it. */
export async function makeHotScript(folder: string, numbers: ChunkNumbers): Promise<HotScript> {
  const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
  const { body, items } = readExports(await read(HOT));
  const values = items.map(({ local, exported }) => `${exported}:${local}`);
  const script = escapeNonAscii(loadLazily(body, numbers));
  return {
    script: `(importLazily=>{"use strict";${script}\nreturn{${values.join()}}})`,
    start: renderStart(await read("main.js"), await read(PROGRAM)),
  };
}

/** Each module between the program and the script costs a cached call half a percent. */
function renderStart(main: string, program: string): string {
  const names = readExports(program).items.map(({ local, exported }) => `${local}:${exported}`);
  return `const{${names.join()}}=hot;${main.replace(/^import\{[^}]*\}from"[^"]*";/, "")}`;
}

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
