import assert from "node:assert/strict";
import { ManualClock, memoryHost, seededRandom } from "./memory_host.ts";

Deno.test("ManualClock wakes sleepers when it is moved, and jumps over them when set to", async () => {
  const clock = new ManualClock();
  const woken: string[] = [];
  const late = clock.sleep(200).then(() => woken.push("late"));
  const early = clock.sleep(100).then(() => woken.push("early"));
  clock.advance(99);
  assert.equal(clock.sleeping, 2);
  clock.advance(101);
  await Promise.all([late, early]);
  assert.deepEqual(woken, ["early", "late"]);
  assert.equal(clock.now().toString(), "2026-03-01T12:00:00.2Z");
  const jumping = new ManualClock({ jumpsOverSleeps: true });
  await jumping.sleep(5000);
  assert.deepEqual([jumping.monotonicMs(), jumping.sleeps], [5000, [5000]]);
});

Deno.test("MemoryFiles keeps files, locks and faults", () => {
  const { files } = memoryHost({ files: { "/home/test/a": "1" } });
  files.writeWhole("/home/test/sub/b", "2", { mode: 0o644 });
  assert.deepEqual(files.list("/home/test").sort(), ["a", "sub"]);
  assert.equal(files.info("/home/test/sub/b")!.mode, 0o644);
  const lock = files.tryLock("/l")!;
  assert.equal(files.tryLock("/l"), undefined);
  lock.release();
  files.tryLock("/l")!.release();
  files.fail("write", "/home/test/a", "the disk is full");
  assert.throws(() => files.writeWhole("/home/test/a", "x"), {
    message: 'Cannot write "/home/test/a": the disk is full',
  });
  files.failAfterEffects(1);
  files.remove("/home/test/a");
  assert.throws(() => files.remove("/home/test/sub/b"), { code: "file-failed" });
  assert.deepEqual(files.effects, ["write /home/test/sub/b", "remove /home/test/a"]);
  assert.deepEqual(files.snapshot(), { "/home/test/sub/b": "2", "/l": "" });
});

Deno.test("seededRandom() repeats itself", () => {
  assert.deepEqual(seededRandom(7).bytes(8), seededRandom(7).bytes(8));
  assert.notDeepEqual(seededRandom(7).bytes(8), seededRandom(8).bytes(8));
});
