import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { ADD } from "./scenes.ts";
import { atEveryPoint, lockedAtEveryPoint } from "./world.ts";

for (const kind of ["fail", "lose", "full", "stuck", "gone", "half"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `add keeps the old key or has the new one, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, ADD);
      assert(points >= (kind === "half" ? 5 : 10), `only ${points} points`);
    },
  });
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "add keeps the old key or has the new one, the keystore locked half-way",
  async fn() {
    const points = await lockedAtEveryPoint(ADD);
    assert(points >= 1, `only ${points} points`);
  },
});
