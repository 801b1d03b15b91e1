import assert from "node:assert/strict";
import { convertSmallBundle, withSmallBundle } from "../tests/fakes/small_bundle.ts";
import { makeColdScripts, numberChunks } from "./cold_scripts.ts";
import { makeHotScript } from "./hot_script.ts";
import { makePack, PACK, RECORD_VARIABLE, renderLoader } from "./pack.ts";

const CACHE = "hot.cache";

/** Writes the small bundle as a program, and gives the exit code of a run of it: 7 if all is well. */
async function runProgram(
  folder: string,
  { codeCache, isRecorder = false, env = {} }: {
    readonly codeCache?: Uint8Array;
    readonly isRecorder?: boolean;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<number> {
  const numbers = numberChunks(folder);
  const hot = await makeHotScript(folder, numbers);
  const cold = await makeColdScripts(folder, numbers, convertSmallBundle);
  const pack = makePack({ hot, cold, codeCache });
  const program = `${folder}/program`;
  await Deno.mkdir(program, { recursive: true });
  await Deno.writeFile(`${program}/${PACK}`, pack.bytes);
  const loader = renderLoader(pack, hot.start, "embedded", isRecorder);
  await Deno.writeTextFile(`${program}/main.js`, loader);
  const args = ["run", "-A", "--no-prompt", "main.js"];
  return (await new Deno.Command(Deno.execPath(), { cwd: program, args, env }).output()).code;
}

/** Whether V8 refuses a cache of the hot script: asked of one that has not seen it. */
async function isRefused(folder: string): Promise<boolean> {
  const { script } = await makeHotScript(folder, numberChunks(folder));
  await Deno.writeTextFile(`${folder}/hot.txt`, script);
  const code =
    `const[source,cachedData]=["hot.txt","${CACHE}"].map(name=>Deno.readFileSync(name));` +
    'const script=new Script(new TextDecoder().decode(source),{filename:"hot.js",cachedData});' +
    "console.log(script.cachedDataRejected)";
  const args = ["eval", `import{Script}from"node:vm";${code}`];
  const { stdout } = await new Deno.Command(Deno.execPath(), { cwd: folder, args }).output();
  return new TextDecoder().decode(stdout).trim() === "true";
}

Deno.test("a program runs from its pack: chunks in a cycle, one that fails, the runtime's modules", () =>
  withSmallBundle(async (folder) => assert.equal(await runProgram(folder), 7)));

Deno.test("a recorder writes what its run has compiled, and the program then takes it", () =>
  withSmallBundle(async (folder) => {
    const record = { isRecorder: true, env: { [RECORD_VARIABLE]: `${folder}/${CACHE}` } };
    assert.equal(await runProgram(folder, { isRecorder: true }), 7);
    assert.throws(() => Deno.statSync(`${folder}/${CACHE}`), Deno.errors.NotFound);
    for (const run of ["a new one", "one that is added to"]) {
      assert.equal(await runProgram(folder, record), 7, run);
      assert.equal(await isRefused(folder), false, run);
    }
    const codeCache = await Deno.readFile(`${folder}/${CACHE}`);
    assert.equal(await runProgram(folder, { codeCache }), 7);
  }));

Deno.test("a program whose code cache V8 refuses does the same", () =>
  withSmallBundle(async (folder) => {
    const codeCache = new TextEncoder().encode("of another release");
    await Deno.writeFile(`${folder}/${CACHE}`, codeCache);
    assert.equal(await isRefused(folder), true);
    assert.equal(await runProgram(folder, { codeCache }), 7);
    const env = { [RECORD_VARIABLE]: `${folder}/${CACHE}` };
    assert.equal(await runProgram(folder, { isRecorder: true, env }), 7);
  }));

Deno.test("behind its base, the program opens the file that runs, and reads at its place", () => {
  const hot = { script: "(importLazily=>({}))", start: "" };
  const pack = makePack({ hot, cold: ["(()=>{})"] });
  const loader = renderLoader(pack, "", { behind: 1234 }, false);
  assert.deepEqual([...loader.matchAll(/openSync\(.*?\)|seekSync\(.*?\)/g)].map(String), [
    'openSync("/proc/self/exe")',
    "seekSync(1234+at,0)",
  ]);
});
