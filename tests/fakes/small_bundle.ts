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
  "failing.js": "throw new Error(typeof require+typeof module);\n",
  "hot.js": 'var K=class{static made=/^[’😀]+$/u.test("’😀")?7:0};async function r(){' +
    'const{same:s}=await import("./cold.js");const f=()=>import("./failing.js").then(()=>0,e=>e.message);' +
    'const{sep:p}=await import("node:path");const u="undefinedundefined";' +
    "return s(K)&&await f()===u&&await f()===u&&p?K.made:1}function never(){return 3}" +
    "export{r as _0_run,K as _1_Kind};\n",
};

/** What the bundler makes of its chunks, as CommonJS. */
export const CONVERTED: Readonly<Record<string, string>> = {
  "chunk.js": "module.exports={get Kind(){return f._1_Kind}};" + 'var f=require("./hot.js");\n',
  "cold.js": "module.exports={get same(){return c}};" +
    'var f=require("./chunk.js"),n=require("./cycle.js");' +
    "const c=k=>((0,n.grow)(),k===f.Kind&&n.size===2);\n",
  "cycle.js": "module.exports={get grow(){return g},get size(){return s}};" +
    'var f=require("./cold.js");let s=1;const g=()=>{s++};\n',
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
