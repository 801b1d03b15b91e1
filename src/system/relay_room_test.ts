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

Deno.test("RelayRoom lets in one after the other, in the order in which they came", async () => {
  const room = new RelayRoom({ most: 1, graceMs: 60_000 });
  const order: number[] = [];
  const all = [0, 1, 2].map(async (number) => {
    const entered = await room.enter();
    order.push(number);
    room.leave(entered);
  });
  await Promise.all(all);
  assert.deepEqual(order, [0, 1, 2]);
});

Deno.test("RelayRoom ends none that has settled, and waits for it", async () => {
  const room = new RelayRoom({ most: 2, graceMs: 1 });
  const settled = await room.enter();
  room.settle(settled);
  const other = await room.enter();
  const third = await room.enter();
  assert.deepEqual([settled, other].map(({ signal }) => signal.aborted), [false, true]);
  room.settle(third);
  const fourth = room.enter();
  room.leave(settled);
  await fourth;
  assert.equal(third.signal.aborted, false);
});

Deno.test("RelayRoom ends one that was answered before all that wait for an answer", async () => {
  const room = new RelayRoom({ most: 2, graceMs: 60_000, answeredMs: 1 });
  const asking = await room.enter();
  const answered = await room.enter();
  room.answered(answered);
  const third = await room.enter();
  // One that asks again is no longer the next to go.
  room.answered(asking);
  room.asked(asking);
  room.answered(third);
  await room.enter();
  assert.deepEqual([asking, answered, third].map(({ signal }) => signal.aborted), [
    false,
    true,
    true,
  ]);
});
