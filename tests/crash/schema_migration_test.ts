import assert from "node:assert/strict";
import { MIGRATE_SCHEMA } from "./scenes.ts";
import { atEveryPoint } from "./world.ts";

for (const kind of ["fail", "lose", "full", "stuck", "kill"] as const) {
  Deno.test({
    ignore: Deno.build.os === "windows",
    name: `a database of version 1 keeps its rows, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, MIGRATE_SCHEMA);
      assert(points >= 3, `only ${points} points`);
    },
  });
}
