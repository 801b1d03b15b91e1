import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { ROTATE } from "./scenes.ts";
import { atEveryPoint, killedInsideAtEveryPoint, lockedAtEveryPoint } from "./world.ts";

for (const kind of ["fail", "lose", "full", "stuck", "kill"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `rotate can be resumed, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, ROTATE);
      assert(points >= 30, `only ${points} points`);
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

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate can be resumed, killed in the middle of writing files",
  async fn() {
    const points = await killedInsideAtEveryPoint(ROTATE);
    assert(points >= 10, `only ${points} points`);
  },
});
