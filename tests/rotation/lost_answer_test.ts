import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { CHANGES } from "./calls.ts";
import { openVault, type Vault } from "./vault.ts";

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
        await using vault = await openVault();
        const first = vault.user.key.id;
        vault.aws.fault({ kind, action });
        await vault.succeed("rotate", "work");
        assert.notEqual((await vault.assertSettled()).id, first);
      },
    });
  }
}

/** A rotation whose CreateAccessKey got no answer, killed before it could look what came of it. */
async function killAfterLosing(vault: Vault, effect: boolean): Promise<void> {
  vault.aws.fault({ kind: effect ? "hang-after" : "hang-instead", action: "CreateAccessKey" });
  await vault.killWhileHanging("rotate", "work");
}

/** That the resumed rotation stops and says whose keys it cannot tell apart. */
async function assertAsks(vault: Vault, ids: readonly string[]): Promise<void> {
  const { code, stderr } = await vault.run("rotate", "--resume", "work");
  assert.equal(code, 4, stderr);
  for (const id of ids) {
    assert.match(stderr, new RegExp(`^error: .*${id}`, "m"));
    assert(vault.user.keys.some((key) => key.id === id), "a key was deleted");
  }
  await vault.assertUsable();
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
      await using vault = await openVault();
      const first = vault.user.key.id;
      await killAfterLosing(vault, false);
      const stranger = vault.aws.world.createKey(vault.user, spec);
      await assertAsks(vault, [stranger.id, first]);
      await vault.assertResumes("--delete-other", stranger.id);
    },
  });
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate asks where another administrator made a key at the same time",
  async fn() {
    await using vault = await openVault({ keysPerUser: 3 });
    await killAfterLosing(vault, true);
    const [, ours] = vault.user.keys;
    const stranger = vault.aws.world.createKey(vault.user);
    await assertAsks(vault, [ours!.id, stranger.id]);
    // Of two, one being deleted, the other still is a question.
    const { code } = await vault.run("rotate", "--resume", "--delete-other", ours!.id, "work");
    assert.equal(code, 4);
    assert.deepEqual(vault.user.keys.map(({ id }) => id).includes(ours!.id), false);
    await vault.assertResumes("--delete-other", stranger.id);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate asks where GetAccessKeyLastUsed is denied",
  async fn() {
    await using vault = await openVault({ user: { deny: ["iam:GetAccessKeyLastUsed"] } });
    await killAfterLosing(vault, true);
    const [old, ours] = vault.user.keys;
    await assertAsks(vault, [ours!.id, old!.id]);
    await vault.assertResumes("--delete-other", ours!.id);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate finds its key where AWS lists it late and this clock is wrong",
  async fn() {
    await using vault = await openVault({ newKeyUnlisted: 2, clockOffsetMs: -10 * 60_000 });
    await killAfterLosing(vault, true);
    await vault.assertUsable();
    await vault.assertResumes();
    vault.aws.fault({ kind: "lose-answer", action: "CreateAccessKey" });
    await vault.succeed("rotate", "work");
    await vault.assertSettled();
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate takes a full house after a lost answer for a list that lags",
  async fn() {
    await using vault = await openVault({ newKeyUnlisted: 5 });
    vault.aws.fault({ kind: "lose-answer", action: "CreateAccessKey" });
    await vault.succeed("rotate", "work");
    await vault.assertSettled();
    assert.deepEqual(vault.aws.takeCalls().filter((line) => line.startsWith("CreateAccessKey")), [
      "CreateAccessKey by key/work -> no answer",
      "CreateAccessKey by key/work -> 409 LimitExceeded",
      "CreateAccessKey by key/work",
    ]);
  },
});
