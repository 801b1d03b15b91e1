import assert from "node:assert/strict";
import {
  type CacheFrom,
  CODE_CACHE,
  makeHotScript,
  RECORD_VARIABLE,
  setCacheFrom,
} from "./hot_script.ts";

/** What merging leaves of a small program: the hot file, its names, and a chunk that is loaded later. */
const FILES: Readonly<Record<string, string>> = {
  "main.js": 'import{run}from"./program.js";Deno.exit(await run());\n',
  "program.js": 'export{_0_run as run}from"./hot.js";',
  "chunk.js": 'export{_1_Kind as Kind}from"./hot.js";',
  "cold.js": 'import{Kind}from"./chunk.js";const same=k=>k===Kind;export{same};\n',
  "hot.js":
    'var K=class{static made=/^[’😀]+$/u.test("’😀")?7:0};async function r(){const{same:s}=await import("./cold.js");' +
    "return s(K)?K.made:1}function never(){return 3}export{r as _0_run,K as _1_Kind};\n",
};

async function withProgram(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hot-script-" });
  try {
    for (const [name, text] of Object.entries(FILES)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    assert.deepEqual(await makeHotScript(folder), ["hot.txt"]);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("makeHotScript() writes ASCII that means the same", () =>
  withProgram(async (folder) => {
    assert.match(FILES["hot.js"]!, /[^\0-\x7f]/);
    assert.match(await Deno.readTextFile(`${folder}/hot.txt`), /^[\0-\x7f]+$/);
    assert.equal(await run(folder), 7);
  }));

async function run(cwd: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const args = ["run", "-A", "--no-prompt", "main.js"];
  return (await new Deno.Command(Deno.execPath(), { cwd, args, env }).output()).code;
}

/** Whether V8 refuses what the folder holds as a cache of its script: asked of one that has not seen it. */
async function isRefused(folder: string): Promise<boolean> {
  const code =
    `const[source,cachedData]=["hot.txt","${CODE_CACHE}"].map(name=>Deno.readFileSync(name));` +
    'const script=new Script(new TextDecoder().decode(source),{filename:"hot.js",cachedData});' +
    "console.log(script.cachedDataRejected)";
  const args = ["eval", `import{Script}from"node:vm";${code}`];
  const { stdout } = await new Deno.Command(Deno.execPath(), { cwd: folder, args }).output();
  return new TextDecoder().decode(stdout).trim() === "true";
}

Deno.test("makeHotScript() makes a script of the hot file, and each class stays one", () =>
  withProgram(async (folder) => {
    assert.equal(await run(folder), 7);
    assert.doesNotMatch(Deno.readTextFileSync(`${folder}/hot.txt`), /\b(?:import\(|export\b)/);
    assert.equal(Deno.readTextFileSync(`${folder}/lazy.js`), 'import("./cold.js");');
    const main = 'import{hot}from"./script.js";const{_0_run:run}=hot;Deno.exit(await run());\n';
    assert.equal(Deno.readTextFileSync(`${folder}/main.js`), main);
  }));

Deno.test("setCacheFrom() records what a run has compiled, and the program then takes it", () =>
  withProgram(async (folder) => {
    await setCacheFrom(folder, "record");
    const record = { [RECORD_VARIABLE]: `${folder}/${CODE_CACHE}` };
    assert.equal(await run(folder), 7);
    assert.throws(() => Deno.statSync(`${folder}/${CODE_CACHE}`), Deno.errors.NotFound);
    assert.equal(await run(folder, record), 7);
    assert.equal(await isRefused(folder), false);
    assert.equal(await run(folder, record), 7, "what was recorded is added to");
    assert.equal(await isRefused(folder), false);
    await setCacheFrom(folder, "binary");
    assert.equal(await run(folder), 7);
  }));

Deno.test("a program whose code cache V8 refuses does the same", () =>
  withProgram(async (folder) => {
    await Deno.writeFile(`${folder}/${CODE_CACHE}`, new TextEncoder().encode("of another release"));
    assert.equal(await isRefused(folder), true);
    for (const from of ["binary", "record", "nowhere"] satisfies CacheFrom[]) {
      await setCacheFrom(folder, from);
      assert.equal(await run(folder, { [RECORD_VARIABLE]: `${folder}/${CODE_CACHE}` }), 7, from);
    }
  }));
