import assert from "node:assert/strict";
import { convertSmallBundle, withSmallBundle } from "../tests/fakes/small_bundle.ts";
import { makeColdScripts } from "./cold_scripts.ts";

Deno.test("makeColdScripts() makes a script of each chunk that is loaded later", () =>
  withSmallBundle(async (folder) => {
    const scripts = await makeColdScripts(folder, convertSmallBundle);
    assert.deepEqual(
      [...scripts.keys()],
      ["./chunk.js", "./cold.js", "./cycle.js", "./failing.js"],
    );
    assert.equal(
      scripts.get("./chunk.js"),
      '((requireScript,target,importLazily)=>{"use strict";' +
        'target.exports={get Kind(){return f._1_Kind}};var f=requireScript("./hot.js");\n\n})',
    );
    assert.equal([...Deno.readDirSync(folder)].some(({ isDirectory }) => isDirectory), false);
  }));

Deno.test("makeColdScripts() rejects a chunk that imports a module of the runtime statically", () =>
  withSmallBundle(async (folder) => {
    await assert.rejects(
      makeColdScripts(folder, async (names, output) => {
        await convertSmallBundle(names, output);
        await Deno.writeTextFile(`${output}/cycle.js`, 'var f=require("node:fs");');
      }),
      new Error('cycle.js: only import() can load this: require("node:fs")'),
    );
  }));
