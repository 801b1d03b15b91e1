import assert from "node:assert/strict";
import { TalkRecorder } from "../tests/fakes/memory_host.ts";
import { Progress } from "./progress.ts";

/** What is said of a work whose steps take so long each. */
function saidOf(total: number, stepMs: number): readonly string[] {
  let now = 0;
  const talk = new TalkRecorder();
  const progress = new Progress({ clock: { monotonicMs: () => now }, talk }, {
    total,
    nouns: "keys",
  });
  for (let done = 0; done < total; done++) {
    now += stepMs;
    progress.step();
  }
  return talk.lines;
}

Deno.test("Progress says how long the rest takes, now and then", () => {
  assert.deepEqual(saidOf(20, 1000), [
    "note: 3 of 20 keys done, about 17 s left",
    "note: 13 of 20 keys done, about 7 s left",
  ]);
  assert.equal(saidOf(1000, 150)[0], "note: 20 of 1000 keys done, about 2 min left");
});

Deno.test("Progress says nothing of what is done soon", () => {
  assert.deepEqual(saidOf(20, 100), []);
  assert.deepEqual(saidOf(1, 60_000), []);
});
