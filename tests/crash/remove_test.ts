import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { REMOVE } from "./scenes.ts";
import { atEveryPoint, lockedAtEveryPoint } from "./world.ts";

for (const kind of ["fail", "lose", "full", "stuck", "gone", "half"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `remove leaves the key or takes it with its sessions, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, REMOVE);
      assert(points >= (kind === "half" ? 3 : 10), `only ${points} points`);
    },
  });
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "remove leaves the key or takes it with its sessions, the keystore locked half-way",
  async fn() {
    const points = await lockedAtEveryPoint(REMOVE);
    assert(points >= 1, `only ${points} points`);
  },
});
