import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { ROTATE } from "./scenes.ts";
import { killedInsideAtEveryPoint } from "./world.ts";

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate can be resumed, killed at every effect and in the middle of writing files",
  async fn() {
    const points = await killedInsideAtEveryPoint(ROTATE);
    assert(points >= 60, `only ${points} points`);
  },
});
