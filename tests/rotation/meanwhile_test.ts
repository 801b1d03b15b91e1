import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { openKeyHome } from "./key_home.ts";

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a second key made between looking and creating is shown, and nothing is pending",
  async fn() {
    await using home = await openKeyHome();
    const first = home.user.key.id;
    home.aws.fault({ kind: "hang", action: "CreateAccessKey" });
    const rotating = home.run("rotate", "work");
    await home.aws.faults.untilHanging();
    const other = home.aws.world.createKey(home.user, { ageDays: 2, usedDaysAgo: 1 });
    home.aws.faults.release();
    const { code, stderr } = await rotating;
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      new RegExp(`^hint: ${first} \\(stored here\\): Active, 1 day old, last used `, "m"),
    );
    assert.match(
      stderr,
      new RegExp(`^hint: ${other.id} \\(not stored here\\): Active, 2 days old, last used `, "m"),
    );
    assert.match(stderr, new RegExp(`^hint: .*--delete-other ${other.id}$`, "m"));
    assert.equal(await home.storedKeyId(), first);
    await home.succeed("rotate", "--delete-other", other.id, "work");
    await home.assertSettled();
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "an old key that is gone already counts as deleted",
  async fn() {
    await using home = await openKeyHome();
    home.aws.fault({ kind: "hang-instead", action: "UpdateAccessKey" });
    await home.killWhileHanging("rotate", "work");
    home.user.keys.shift();
    await home.assertResumes();
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "of two rotations at once the second finds the key replaced",
  async fn() {
    await using home = await openKeyHome();
    home.aws.fault({ kind: "hang", action: "CreateAccessKey" });
    const first = home.start(["rotate", "work"]);
    await home.aws.faults.untilHanging();
    const second = home.start(["rotate", "work"]);
    await second.untilSaid(`Waiting for another aws-vault (pid ${first.pid}, profile "work")`);
    home.aws.faults.release();
    const results = await Promise.all([first.finished, second.finished]);
    assert.deepEqual(results.map(({ code }) => code), [0, 0]);
    assert.match(
      results[1].stdout,
      /^The key of profile "work" was replaced by another process just now$/m,
    );
    await home.assertSettled();
    assert.equal(home.aws.takeCalls().filter((line) => line.startsWith("Create")).length, 1);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "of two rotations at once the one that must not wait says who rotates",
  async fn() {
    await using home = await openKeyHome();
    home.aws.fault({ kind: "hang", action: "CreateAccessKey" });
    const first = home.start(["rotate", "work"]);
    await home.aws.faults.untilHanging();
    const { code, stderr } = await home.run("rotate", "--wait", "1s", "work");
    assert.equal(code, 4);
    assert.match(stderr, new RegExp(`pid ${first.pid}, profile "work"`));
    home.aws.faults.release();
    assert.equal((await first.finished).code, 0);
    await home.assertSettled();
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a resumed rotation can keep the old key where it cannot be deleted",
  async fn() {
    await using home = await openKeyHome({ user: { deny: ["iam:DeleteAccessKey"] } });
    const { id } = home.user.key;
    assert.equal((await home.run("rotate", "work")).code, 5);
    await home.assertUsable();
    await home.succeed("rotate", "--resume", "--keep-old", "work");
    assert.deepEqual(
      home.user.keys.map((key) => [key.id, key.active]),
      [[id, false], [await home.storedKeyId(), true]],
    );
    assert.doesNotMatch((await home.succeed("list")).stderr, /pending/);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a key is not removed while its rotation is pending, unless by force",
  async fn() {
    await using home = await openKeyHome();
    home.aws.fault({ kind: "hang-after", action: "CreateAccessKey" });
    await home.killWhileHanging("rotate", "work");
    const { code, stderr } = await home.run("remove", "work");
    assert.equal(code, 1);
    assert.match(stderr, /^hint: Finish it: aws-vault rotate --resume work$/m);
    const forced = await home.succeed("remove", "--force", "work");
    assert(forced.stderr.includes(home.user.key.id), forced.stderr);
    assert.equal((await home.succeed("list", "--credentials")).stdout, "");
    assert.doesNotMatch((await home.succeed("list")).stderr, /pending/);
  },
});
