import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { effectsOf, ROTATE } from "./scenes.ts";
import { checked, KILLED, World } from "./world.ts";

// That it is gone at any other effect is tried without a process (`rotate_test.ts`).
Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate can be resumed, killed before and after each call of AWS",
  async fn() {
    const calls = (await effectsOf(ROTATE))
      .flatMap((name, index) => name.startsWith("http ") ? [index + 1] : []);
    assert(calls.length >= 5, `only ${calls.length} calls`);
    const points = new Set(calls.flatMap((at) => [at, at + 1]));
    for (const at of points) {
      await using world = await World.open();
      await ROTATE.prepare(world);
      const finished = await world.runFaulty({ at, kind: "kill" }, ...ROTATE.words(world));
      assert.equal(finished.code, KILLED, finished.stderr);
      await checked(ROTATE, world, finished, `killed at effect ${at}`);
    }
  },
});
