import assert from "node:assert/strict";
import { SMALL_BUNDLE, withSmallBundle } from "../tests/fakes/small_bundle.ts";
import { numberChunks } from "./cold_scripts.ts";
import { makeHotScript } from "./hot_script.ts";

Deno.test("makeHotScript() makes a script of the hot file, in ASCII", () =>
  withSmallBundle(async (folder) => {
    const { script, start } = await makeHotScript(folder, numberChunks(folder));
    assert.match(SMALL_BUNDLE["hot.js"]!, /[^\0-\x7f]/);
    assert.match(script, /^[\0-\x7f]+$/);
    assert.doesNotMatch(script, /\b(?:import\(|export\b)/);
    assert.match(script, /importLazily\(1\).*importLazily\(3\).*importLazily\("node:path"\)/);
    assert.equal(start, "const{_0_run:run}=hot;Deno.exit(await run());\n");
  }));
