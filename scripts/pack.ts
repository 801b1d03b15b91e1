/**
 * Puts the program's scripts into one file, the pack, from which the program reads what it runs.
 *
 * The runtime copies everything that `deno compile` embeds into memory twice at each start, which takes
 * 0.7 ms for each MB and 1 ms for a thousand files; with 1.7 MB in 367 files a cached export took 1.34
 * times an empty program, with the pack 1.23 (measured). So only the loader is embedded.
 *
 * On Linux the pack lies in the program's file, behind the runtime base, and nothing loads it into memory.
 * The program opens itself by the kernel's link to the file that runs: no other file can be put in its
 * place, and an upgrade that replaces the program does not change it. Elsewhere the pack is an embedded file.
 */

import { Buffer } from "node:buffer";
import type { HotScript } from "./hot_script.ts";

/** The name of the pack where it is an embedded file. */
export const PACK = "scripts.pack";

/** The variable that gives the recorder the file of the code cache. */
export const RECORD_VARIABLE = "AWS_VAULT_RECORD";

/** What a program consists of. */
export interface Scripts {
  readonly hot: HotScript;
  /** V8's compiled form of the hot script. */
  readonly codeCache?: Uint8Array | undefined;
  /** Scripts that are loaded later, by number. */
  readonly cold: readonly string[];
}

/** A part of the pack: its first byte, and the number of its bytes. */
type Place = readonly [from: number, length: number];

/** The bytes of a pack, and where its parts are. */
export interface Pack {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly script: Place;
  /** Of no length if there is none. */
  readonly codeCache: Place;
  /** The places of cold scripts, by their numbers: two 32-bit words each, little-endian. */
  readonly index: Place;
}

/** Puts scripts into a pack. */
export function makePack({ hot, codeCache, cold }: Scripts): Pack {
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array): Place => {
    parts.push(part);
    length += part.length;
    return [length - part.length, part.length];
  };
  const encoder = new TextEncoder();
  const script = add(encoder.encode(hot.script));
  const cachePlace = add(codeCache ?? new Uint8Array());
  const places = cold.map((text) => add(encoder.encode(text)));
  const index = add(new Uint8Array(Uint32Array.from(places.flat()).buffer));
  return { bytes: new Uint8Array(Buffer.concat(parts)), script, codeCache: cachePlace, index };
}

/** Where a program finds its pack: behind so many bytes of its file, or embedded. */
export type PackPlace = { readonly behind: number } | "embedded";

/**
 * The text of `main.js`: it reads the hot script from the pack and runs it.
 *
 * A recorder takes its code cache from the file that {@linkcode RECORD_VARIABLE} names, if it exists, and
 * writes a new one when the program ends.
 */
export function renderLoader(
  pack: Pack,
  start: string,
  place: PackPlace,
  isRecorder: boolean,
): string {
  const [open, from] = place === "embedded" ? [OPEN_EMBEDDED, 0] : [OPEN_SELF, place.behind];
  const [cacheFrom, cacheLength] = pack.codeCache;
  const cache = cacheLength === 0 ? "undefined" : `read(${cacheFrom},${cacheLength})`;
  return [
    'import{Script}from"node:vm";',
    open,
    isRecorder ? RECORDER : "",
    READ.replace("FROM", String(from)),
    COLD.replace("INDEX", pack.index.join()),
    `const script=new Script(text(${pack.script.join()}),`,
    `{filename:"hot.js",cachedData:${isRecorder ? "recorded()" : cache}});`,
    "const hot=script.runInThisContext()(importLazily);",
    start,
  ].join("");
}

/** The file stays open: a server without a free descriptor must still be able to load what it runs. */
const READ = `
function read(at,length){
  const bytes=new Uint8Array(length);
  file.seekSync(FROM+at,0);
  for(let done=0;done<length;){
    const count=file.readSync(bytes.subarray(done));
    if(count===null)throw new Error("The program's file is cut off");
    done+=count;
  }
  return bytes;
}
const text=(at,length)=>new TextDecoder().decode(read(at,length));
`;

/** As of modules, each runs once; one that fails does so for everybody who imports it. */
const COLD = `
const loaded=[];
let places;
function requireScript(number){
  const known=loaded[number];
  if(known)return known.exports;
  places??=new Uint32Array(read(INDEX).buffer);
  const source=text(places[2*number],places[2*number+1]);
  const target=loaded[number]={exports:{}};
  try{
    const script=new Script(source,{filename:"cold-"+number+".js"});
    script.runInThisContext()(hot,requireScript,target,importLazily);
    return target.exports;
  }catch(error){loaded[number]={get exports(){throw error}};throw error}
}
const importLazily=async name=>typeof name==="number"?requireScript(name):import(name);
`;

/** Opens a file, or ends the program with a message. */
const opening = (path: string, code: number, message: string) => `
const file=(()=>{try{return Deno.openSync(${path})}catch(error){
  Deno.stderr.writeSync(new TextEncoder().encode(${message}));
  Deno.exit(${code});
}})();
`;

const OPEN_SELF = opening(
  '"/proc/self/exe"',
  1,
  '"error: Cannot read the program\'s own file: "+error.message+"\\n"',
);

/**
 * The runtime has embedded files under a path in the temporary folder, where nothing is written. A path from
 * a `TMPDIR` that is not UTF-8 cannot be expressed in JavaScript, and would end in a stack trace.
 */
const OPEN_EMBEDDED = opening(
  `import.meta.dirname+"/${PACK}"`,
  2,
  '"error: Cannot use the variable TMPDIR: it is not UTF-8\\n' +
    'hint: Set TMPDIR to UTF-8 text, or unset it\\n"',
);

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
