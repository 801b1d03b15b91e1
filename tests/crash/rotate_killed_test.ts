import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { ROTATE } from "./scenes.ts";
import { atEveryPoint, killedInsideAtEveryPoint } from "./world.ts";

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate can be resumed, kill at every effect",
  async fn() {
    const points = await atEveryPoint("kill", ROTATE);
    assert(points >= 30, `only ${points} points`);
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
