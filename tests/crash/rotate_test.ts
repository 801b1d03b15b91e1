import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { ROTATE } from "./scenes.ts";
import { atEveryPoint, lockedAtEveryPoint } from "./world.ts";

for (const kind of ["fail", "lose", "full", "stuck", "gone", "half"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `rotate can be resumed, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, ROTATE);
      assert(points >= (kind === "half" ? 5 : 30), `only ${points} points`);
    },
  });
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate can be resumed, the keystore locked half-way",
  async fn() {
    const points = await lockedAtEveryPoint(ROTATE);
    assert(points >= 1, `only ${points} points`);
  },
});
