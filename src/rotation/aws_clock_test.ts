import assert from "node:assert/strict";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { ScriptedHttp } from "../../tests/fakes/scripted_http.ts";
import { observeClock } from "./aws_clock.ts";

const REQUEST = {
  method: "POST",
  url: "https://iam.amazonaws.com/",
  headers: {},
  timeoutMs: 1,
} as const;

Deno.test("observeClock() goes by AWS's last answer, and by no clock that jumps", async () => {
  const clock = new ManualClock({ start: "2026-03-01T12:00:00Z" });
  using script = new ScriptedHttp(
    { headers: { date: "Sun, 01 Mar 2026 11:50:00 GMT" } },
    { headers: { date: "yesterday" } },
    { headers: {} },
  );
  const http = observeClock(script, clock);
  assert.equal(http.awsNow().toString(), "2026-03-01T12:00:00Z");
  await http.send(REQUEST);
  clock.advance(2_500);
  clock.jump(86_400_000);
  assert.equal(http.awsNow().toString(), "2026-03-01T11:50:02.5Z");
  await http.send(REQUEST);
  await http.send(REQUEST);
  assert.equal(http.awsNow().toString(), "2026-03-01T11:50:02.5Z");
});
