import assert from "node:assert/strict";
import { listedModules, startModules } from "./start_modules.ts";

Deno.test("a cached call evaluates the listed modules and no others", async () => {
  assert.deepEqual(
    await startModules(),
    await listedModules(),
    "If this is on purpose: deno run -A scripts/start_modules.ts --write",
  );
});
