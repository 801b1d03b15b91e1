import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { MIGRATE_BACKEND } from "./scenes.ts";
import { atEveryPoint, lockedAtEveryPoint } from "./world.ts";

for (const kind of ["fail", "lose", "full", "stuck", "gone", "half"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `migrate-backend always leaves the key in a store, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, MIGRATE_BACKEND);
      assert(points >= 5, `only ${points} points`);
    },
  });
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "migrate-backend always leaves the key in a store, the keystore locked half-way",
  async fn() {
    const points = await lockedAtEveryPoint(MIGRATE_BACKEND);
    assert(points >= 1, `only ${points} points`);
  },
});
