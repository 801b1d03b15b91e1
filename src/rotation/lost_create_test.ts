import assert from "node:assert/strict";
import { judgeLostCreate } from "./lost_create.ts";

const SENT = Temporal.Instant.from("2026-03-01T12:00:00Z");
const at = (seconds: number) => SENT.add({ seconds });
const key = (accessKeyId: string, created?: Temporal.Instant) => ({
  userName: "work",
  accessKeyId,
  status: "Active",
  created,
});
const OLD = key("OLD", at(-1_000_000));

/** What is judged of the list, and about which keys it was asked whether they were used. */
async function judge(
  listed: readonly ReturnType<typeof key>[],
  { used = false, isEndSeen = true } = {},
) {
  const asked: string[] = [];
  const calls = [{ sent: at(-3600), ended: at(-3590) }, {
    sent: SENT,
    ...(isEndSeen && { ended: at(10) }),
  }];
  const verdict = await judgeLostCreate(calls, ["OLD"], [OLD, ...listed], (id) => {
    asked.push(id);
    return Promise.resolve(used);
  });
  return { verdict, asked };
}

Deno.test("judgeLostCreate() finds that nothing was made", async () => {
  assert.deepEqual(await judge([]), { verdict: { kind: "nothing" }, asked: [] });
});

Deno.test("judgeLostCreate() takes one unused key of the time of a call for ours", async () => {
  for (const seconds of [-5, 0, 3, 10, 15, -3600, -3585]) {
    assert.deepEqual(await judge([key("NEW", at(seconds))]), {
      verdict: { kind: "ours", accessKeyId: "NEW" },
      asked: ["NEW"],
    }, `${seconds} s`);
  }
});

Deno.test("judgeLostCreate() takes a call whose end nobody saw for one of 15 seconds", async () => {
  const unseen = { isEndSeen: false };
  assert.equal((await judge([key("NEW", at(20))], unseen)).verdict.kind, "ours");
  assert.equal((await judge([key("NEW", at(21))], unseen)).verdict.kind, "unclear");
});

Deno.test("judgeLostCreate() leaves to a person what may be somebody else's", async () => {
  const early = key("EARLY", at(-6));
  const late = key("LATE", at(16));
  const timeless = key("TIMELESS");
  for (const other of [early, late, timeless]) {
    assert.deepEqual(await judge([other]), {
      verdict: { kind: "unclear", keys: [other] },
      asked: [],
    });
  }
  const both = [key("NEW", at(1)), key("OTHER", at(2))];
  assert.deepEqual(await judge(both), { verdict: { kind: "unclear", keys: both }, asked: [] });
  const used = key("USED", at(1));
  assert.deepEqual(await judge([used], { used: true }), {
    verdict: { kind: "unclear", keys: [used] },
    asked: ["USED"],
  });
});
