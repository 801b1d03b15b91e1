import assert from "node:assert/strict";
import { RelayRoom } from "./relay_room.ts";

Deno.test("RelayRoom has the next one wait until another is over", async () => {
  const room = new RelayRoom({ most: 2, graceMs: 60_000 });
  const first = await room.enter();
  const second = await room.enter();
  let isIn = false;
  const third = room.enter().then((entered) => {
    isIn = true;
    return entered;
  });
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(isIn, false);
  room.leave(second);
  const entered = await third;
  assert.deepEqual([first, second, entered].map(({ signal }) => signal.aborted), [
    false,
    false,
    false,
  ]);
});

Deno.test("RelayRoom ends the oldest one that has been there for a while", async () => {
  const room = new RelayRoom({ most: 2, graceMs: 1 });
  const all = [await room.enter(), await room.enter(), await room.enter(), await room.enter()];
  assert.deepEqual(all.map(({ signal }) => signal.aborted), [true, true, false, false]);
  // What was ended may say so late, and frees nothing twice.
  room.leave(all[0]!);
  all.push(await room.enter());
  assert.deepEqual(all.map(({ signal }) => signal.aborted), [true, true, true, false, false]);
});
