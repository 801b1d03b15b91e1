import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { CACHE_WRITE } from "./scenes.ts";
import { atEveryPoint, killedInsideAtEveryPoint } from "./world.ts";

for (const kind of ["fail", "lose", "full", "stuck"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `a session is handed out whatever becomes of the cache, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, CACHE_WRITE);
      assert(points >= 10, `only ${points} points`);
    },
  });
}

// By SIGKILL: what is left of a transaction in a database, only a process that dies can show.
Deno.test({
  ...NOT_ON_WINDOWS,
  name:
    "a session is handed out whatever becomes of the cache, killed at every effect and in the middle of writing files",
  async fn() {
    const points = await killedInsideAtEveryPoint(CACHE_WRITE);
    assert(points >= 25, `only ${points} points`);
  },
});
