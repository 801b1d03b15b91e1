import assert from "node:assert/strict";
import { mergeHotChunks } from "./merge_chunks.ts";

/** What a bundler leaves of a small program: chunks that share names, and a lazy module of each kind. */
const CHUNKS: Readonly<Record<string, string>> = {
  "main.js":
    'import{a as b}from"./chunk-A.js";async function c(){return b(await import("./export-B.js"))}' +
    "async function d(){}await d();Deno.exit(await c(Deno.args));\n",
  "chunk-A.js":
    'import{a as e}from"./chunk-C.js";var a=async({exportCredentials:x})=>x(e);export{a};\n',
  "chunk-C.js": "class a{static made=7}export{a};\n",
  "export-B.js": 'import{a}from"./chunk-C.js";async function b(k){' +
    'const{same:s}=await import("./cold-D.js");return k===a&&s(k)?k.made:1}export{b as exportCredentials};\n',
  "cold-D.js": 'import{a}from"./chunk-C.js";import"./chunk-A.js";import{y as b}from"./cold-F.js";' +
    'import{a as c}from"./chunk-A.js";var d=k=>k===b(a,c);export{d as same};\n',
  "cold-F.js": "var x=(k,f)=>typeof f=='function'&&k;export{x as y};\n",
  "others-E.js":
    "var a,b,c,d,e,f,g;export{a as openKernelKeys,b as openFileKeyring,c as openKeyctlKeyring,d as exec," +
    "e as answerCompletion,f as openSessionCache,g as SOURCES};\n",
};

async function deno(cwd: string, ...args: string[]): Promise<number> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { cwd, args }).output();
  if (args[0] === "bundle") assert.equal(code, 0, new TextDecoder().decode(stderr));
  return code;
}

Deno.test("mergeHotChunks() makes one file of what a cached call loads, and each class stays one", async () => {
  const folder = await Deno.makeTempDir({ prefix: "merge-chunks-" });
  try {
    for (const [name, text] of Object.entries(CHUNKS)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    assert.equal(await deno(folder, "run", "main.js"), 7);
    await mergeHotChunks(folder, async (entry, output) => {
      await deno(folder, "bundle", "--quiet", "--minify", "--output", output, entry);
    });
    assert.equal(await deno(folder, "run", "main.js"), 7);
    const read = (name: string) => Deno.readTextFileSync(`${folder}/${name}`);
    assert.match(read("main.js"), /^import\{[^}]*\}from"\.\/program\.js";/);
    for (const name of ["program.js", "chunk-A.js", "chunk-C.js", "export-B.js", "others-E.js"]) {
      assert.match(read(name), /^export\{[^}]*\}from"\.\/hot\.js";$/, name);
    }
    assert.equal(
      read("cold-D.js").replaceAll(/_\d+_a/g, "_N_a"),
      'import{_N_a as a}from"./hot.js";import{y as b}from"./cold-F.js";' +
        'import{_N_a as c}from"./hot.js";var d=k=>k===b(a,c);export{d as same};\n',
    );
    assert.equal(read("cold-F.js"), CHUNKS["cold-F.js"]);
    assert.match(read("hot.js"), /import\("\.\/cold-D\.js"\)/);
    assert.doesNotMatch(read("hot.js"), /import\("\.\/export-B\.js"\)/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("mergeHotChunks() says when the bundle is not what it expects", async () => {
  const folder = await Deno.makeTempDir({ prefix: "merge-chunks-" });
  try {
    await Deno.writeTextFile(`${folder}/main.js`, "run();\n");
    await Deno.writeTextFile(`${folder}/other.js`, "export{a};\n");
    const merge = mergeHotChunks(folder, () => Promise.resolve());
    await assert.rejects(merge, { message: "The bundle of main.ts does not end as main.ts does" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
