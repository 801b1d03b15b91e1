/** A small bundle: what merging leaves of a program. */

/**
 * The hot file, its names, and chunks that are loaded later: two that import each other, and one that fails.
 */
export const SMALL_BUNDLE: Readonly<Record<string, string>> = {
  "main.js": 'import{run}from"./program.js";Deno.exit(await run());\n',
  "program.js": 'export{_0_run as run}from"./hot.js";',
  "chunk.js": 'export{_1_Kind as Kind}from"./hot.js";',
  "cold.js": 'import{Kind}from"./chunk.js";import{grow,size}from"./cycle.js";' +
    "const same=k=>{grow();return k===Kind&&size===2};export{same};\n",
  "cycle.js": 'import"./cold.js";let size=1;const grow=()=>{size++};export{grow,size};\n',
  "failing.js":
    "globalThis.tries=(globalThis.tries??0)+1;throw new Error(typeof require+typeof module+tries);\n",
  "hot.js": 'var K=class{static made=/^[’😀]+$/u.test("’😀")?7:0};async function r(){' +
    'const{same:s}=await import("./cold.js");const f=()=>import("./failing.js").then(()=>0,e=>e.message);' +
    'const{sep:p}=await import("node:path");const u="undefinedundefined1";' +
    "return s(K)&&await f()===u&&await f()===u&&p?K.made:1}function never(){return 3}" +
    "export{r as _0_run,K as _1_Kind};\n",
};

/** What the bundler defines at the beginning of a CommonJS file. */
const PRELUDE =
  "var d=Object.defineProperty;var m=Object.getOwnPropertyDescriptor;var u=Object.getOwnPropertyNames;" +
  "var p=Object.prototype.hasOwnProperty;var s=(e,o)=>{for(var i in o)d(e,i,{get:o[i],enumerable:!0})}," +
  'y=(e,o,i,t)=>{if(o&&typeof o=="object"||typeof o=="function")for(let r of u(o))!p.call(e,r)&&r!==i&&' +
  "d(e,r,{get:()=>o[r],enumerable:!(t=m(o,r))||t.enumerable});return e};" +
  'var a=e=>y(d({},"__esModule",{value:!0}),e);var g={};';

/** What the bundler makes of the chunks, as CommonJS. */
export const CONVERTED: Readonly<Record<string, string>> = {
  "chunk.js": PRELUDE +
    's(g,{Kind:()=>f._1_Kind});module.exports=a(g);var f=require("./hot.js");\n',
  "cold.js": PRELUDE + "s(g,{same:()=>c});module.exports=a(g);" +
    'var f=require("./chunk.js"),n=require("./cycle.js");' +
    "const c=k=>((0,n.grow)(),k===f.Kind&&n.size===2);\n",
  "cycle.js": PRELUDE + "s(g,{grow:()=>w,size:()=>z});module.exports=a(g);" +
    'var f=require("./cold.js");let z=1;const w=()=>{z++};\n',
  "failing.js": SMALL_BUNDLE["failing.js"]!,
};

/** Runs a test with the bundle in a folder of its own. */
export async function withSmallBundle(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "bundle-" });
  try {
    await writeFiles(folder, SMALL_BUNDLE);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** In place of the bundler: writes {@linkcode CONVERTED}. */
export function convertSmallBundle(names: readonly string[], folder: string): Promise<void> {
  return writeFiles(folder, Object.fromEntries(names.map((name) => [name, CONVERTED[name]!])));
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}
