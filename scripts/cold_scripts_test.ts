import assert from "node:assert/strict";
import { CONVERTED, convertSmallBundle, withSmallBundle } from "../tests/fakes/small_bundle.ts";
import { makeColdScripts, numberChunks } from "./cold_scripts.ts";

Deno.test("makeColdScripts() makes a script of each chunk that is loaded later", () =>
  withSmallBundle(async (folder) => {
    const numbers = numberChunks(folder);
    assert.deepEqual([...numbers.keys()], ["chunk.js", "cold.js", "cycle.js", "failing.js"]);
    const scripts = await makeColdScripts(folder, numbers, convertSmallBundle);
    const wrapped = (text: string) =>
      `((hot,requireScript,target,importLazily)=>{"use strict";${text}\n\n})`;
    assert.deepEqual(scripts, [
      wrapped("target.exports={get Kind(){return f._1_Kind}};var f=hot;"),
      wrapped(
        "target.exports={get same(){return c}};var f=requireScript(0),n=requireScript(2);" +
          "const c=k=>((0,n.grow)(),k===f.Kind&&n.size===2);",
      ),
      wrapped(
        "target.exports={get grow(){return w},get size(){return z}};var f=requireScript(1);" +
          "let z=1;const w=()=>{z++};",
      ),
      wrapped(CONVERTED["failing.js"]!.trimEnd()),
    ]);
    assert.equal([...Deno.readDirSync(folder)].some(({ isDirectory }) => isDirectory), false);
  }));

/** The script of a chunk with this text. */
async function scriptOf(text: string): Promise<string> {
  let script = "";
  await withSmallBundle(async (folder) => {
    const numbers = numberChunks(folder);
    const scripts = await makeColdScripts(folder, numbers, async (names, output) => {
      await convertSmallBundle(names, output);
      await Deno.writeTextFile(`${output}/cycle.js`, text);
    });
    script = scripts[numbers.get("cycle.js")!]!;
  });
  return script;
}

Deno.test("makeColdScripts() keeps the bundler's functions where they are used, or unknown", async () => {
  const converted = CONVERTED["cycle.js"]!;
  const importing = converted.replace("var a=", "var j=(e,o,i)=>(i=e!=null?{}:{},y(i,e)),a=");
  for (
    const text of [
      importing.replace('=require("./cold.js")', '=j(require("./cold.js"))'),
      converted.replace("size:", '"a size":'),
    ]
  ) {
    assert.match(await scriptOf(text), /target\.exports=a\(g\);var f=/);
  }
  assert.match(await scriptOf(importing), /^[^;]*;target\.exports=\{get grow/);
});

Deno.test("makeColdScripts() rejects a chunk that imports what the pack does not have", async () => {
  await assert.rejects(
    scriptOf('var f=require("node:fs");'),
    new Error('cycle.js: only import() can load this: require("node:fs")'),
  );
  await assert.rejects(
    scriptOf('import("./gone.js");'),
    new Error("Nothing in the bundle is called gone.js"),
  );
  await assert.rejects(
    scriptOf('const help=`write import("x")`;'),
    new Error("Nothing in the bundle is called x"),
  );
});
