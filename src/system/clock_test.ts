import assert from "node:assert/strict";
import { systemClock } from "./clock.ts";

const clock = systemClock();

Deno.test("sleep() ends with the signal's reason, before and during the wait", async () => {
  const reason = new Error("enough");
  await assert.rejects(clock.sleep(60_000, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const waiting = clock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await clock.sleep(0, new AbortController().signal);
});

Deno.test("now() says that the clock is at a time that no calendar has", () => {
  const instant = Temporal.Now.instant;
  try {
    Temporal.Now.instant = () => {
      throw new RangeError("out of range");
    };
    assert.throws(() => clock.now(), { code: "unsupported", hints: ["Set the clock"] });
  } finally {
    Temporal.Now.instant = instant;
  }
});

Deno.test("now() is the machine's time, and monotonicMs() does not go back", () => {
  assert(Math.abs(clock.now().epochMilliseconds - Date.now()) < 60_000);
  const first = clock.monotonicMs();
  assert(clock.monotonicMs() >= first);
});
