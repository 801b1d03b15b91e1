import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { CHANGES } from "./calls.ts";
import { type KeyHome, openKeyHome } from "./key_home.ts";

for (const action of CHANGES) {
  for (
    const kind of [
      "lose-answer",
      "cut-body",
      "empty-body",
      "close",
      "internal",
      "throttle",
    ] as const
  ) {
    Deno.test({
      ...NOT_ON_WINDOWS,
      name: `rotate goes on by itself after ${kind} of ${action}`,
      async fn() {
        await using home = await openKeyHome();
        const first = home.user.key.id;
        home.aws.fault({ kind, action });
        await home.succeed("rotate", "work");
        assert.notEqual((await home.assertSettled()).id, first);
      },
    });
  }
}

/** A rotation whose CreateAccessKey got no answer, killed before it could look what came of it. */
async function killAfterLosing(home: KeyHome, effect: boolean): Promise<void> {
  home.aws.fault({ kind: effect ? "hang-after" : "hang-instead", action: "CreateAccessKey" });
  await home.killWhileHanging("rotate", "work");
}

/** That the resumed rotation stops and says whose keys it cannot tell apart. */
async function assertAsks(home: KeyHome, ids: readonly string[]): Promise<void> {
  const { code, stderr } = await home.run("rotate", "--resume", "work");
  assert.equal(code, 4, stderr);
  for (const id of ids) {
    assert.match(stderr, new RegExp(`^error: .*${id}`, "m"));
    assert(home.user.keys.some((key) => key.id === id), "a key was deleted");
  }
  await home.assertUsable();
}

/** What another administrator may have done while our call was out. */
const STRANGERS = {
  "was made long before": { ageDays: 1 / 24 },
  "was made after": { ageDays: -1 / 24 },
  "was used": { ageDays: 0, usedDaysAgo: 0 },
} as const;

for (const [what, spec] of Object.entries(STRANGERS)) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `rotate asks about a key that ${what} while an answer was lost`,
    async fn() {
      await using home = await openKeyHome();
      const first = home.user.key.id;
      await killAfterLosing(home, false);
      const stranger = home.aws.world.createKey(home.user, spec);
      await assertAsks(home, [stranger.id, first]);
      await home.assertResumes("--delete-other", stranger.id);
    },
  });
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate asks where another administrator made a key at the same time",
  async fn() {
    await using home = await openKeyHome({ keysPerUser: 3 });
    await killAfterLosing(home, true);
    const [, ours] = home.user.keys;
    const stranger = home.aws.world.createKey(home.user);
    await assertAsks(home, [ours!.id, stranger.id]);
    // Of two, one being deleted, the other still is a question.
    const { code } = await home.run("rotate", "--resume", "--delete-other", ours!.id, "work");
    assert.equal(code, 4);
    assert.deepEqual(home.user.keys.map(({ id }) => id).includes(ours!.id), false);
    await home.assertResumes("--delete-other", stranger.id);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate asks where GetAccessKeyLastUsed is denied",
  async fn() {
    await using home = await openKeyHome({ user: { deny: ["iam:GetAccessKeyLastUsed"] } });
    await killAfterLosing(home, true);
    const [old, ours] = home.user.keys;
    await assertAsks(home, [ours!.id, old!.id]);
    await home.assertResumes("--delete-other", ours!.id);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate finds its key where AWS lists it late and this clock is wrong",
  async fn() {
    await using home = await openKeyHome({ newKeyUnlisted: 2, clockOffsetMs: -10 * 60_000 });
    await killAfterLosing(home, true);
    await home.assertUsable();
    await home.assertResumes();
    home.aws.fault({ kind: "lose-answer", action: "CreateAccessKey" });
    await home.succeed("rotate", "work");
    await home.assertSettled();
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate takes a full house after a lost answer for a list that lags",
  async fn() {
    await using home = await openKeyHome({ newKeyUnlisted: 5 });
    home.aws.fault({ kind: "lose-answer", action: "CreateAccessKey" });
    await home.succeed("rotate", "work");
    await home.assertSettled();
    assert.deepEqual(home.aws.takeCalls().filter((line) => line.startsWith("CreateAccessKey")), [
      "CreateAccessKey by key/work -> no answer",
      "CreateAccessKey by key/work -> 409 LimitExceeded",
      "CreateAccessKey by key/work",
    ]);
  },
});
