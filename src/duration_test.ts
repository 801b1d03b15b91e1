import assert from "node:assert/strict";
import { parseDuration, parseSeconds } from "./duration.ts";

Deno.test("parseDuration() reads what Go's time.ParseDuration reads, in whole seconds", () => {
  const durations: [string, number][] = [
    ...([["0", 0], ["1h30m", 5400], ["900s", 900], ["1.5h", 5400], ["90m", 5400]] as const),
    ...([["1h15m30.918273645s", 4530], [".5h", 1800], ["2.s", 2], ["+5s", 5]] as const),
    ...([["4.35m", 261], ["1500ms", 1], ["999ms", 0], ["1µs", 0], [
      "3600000000000ns",
      3600,
    ]] as const),
    ...([["12h", 43_200], ["2562047h", 9_223_369_200], ["1d", 86_400], ["1w2d", 777_600]] as const),
  ].map(([text, seconds]) => [text, seconds]);
  for (const [text, seconds] of durations) assert.equal(parseDuration(text), seconds, text);
});

Deno.test("parseDuration() says where the text stands and how durations are written", () => {
  for (
    const text of ["", "3600", "1 h", "d", "h", ".s", "-1h", "1h ", "1e3s", "++1s", "2562048h"]
  ) {
    assert.throws(() => parseDuration(text, "AWS_MIN_TTL"), {
      code: "bad-usage",
      message: `Cannot understand AWS_MIN_TTL: "${text}" is not a duration`,
      hints: ["Write it with units, such as 1h30m, 90m, 1.5h or 900s (w, d, h, m, s, ms, us, ns)"],
    });
  }
});

Deno.test("parseSeconds() reads plain whole numbers only", () => {
  assert.deepEqual(
    ["0", "3600", "", "1h", "-1", "1.5", "1e3", "0x10"].map(parseSeconds),
    [0, 3600, ...Array(6).fill(undefined)],
  );
});
