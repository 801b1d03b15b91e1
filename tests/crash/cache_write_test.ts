import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { CACHE_WRITE } from "./scenes.ts";
import { atEveryPoint } from "./world.ts";

for (const kind of ["fail", "lose", "full", "stuck", "kill"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `a session is handed out whatever becomes of the cache, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, CACHE_WRITE);
      assert(points >= 10, `only ${points} points`);
    },
  });
}
