import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { openVault } from "./vault.ts";

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a second key made between looking and creating is shown, and nothing is pending",
  async fn() {
    await using vault = await openVault();
    const first = vault.user.key.id;
    vault.aws.fault({ kind: "hang", action: "CreateAccessKey" });
    const rotating = vault.run("rotate", "work");
    await vault.aws.faults.untilHanging();
    const other = vault.aws.world.createKey(vault.user, { ageDays: 2, usedDaysAgo: 1 });
    vault.aws.faults.release();
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
    assert.equal(await vault.storedKeyId(), first);
    await vault.succeed("rotate", "--delete-other", other.id, "work");
    await vault.assertSettled();
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "an old key that is gone already counts as deleted",
  async fn() {
    await using vault = await openVault();
    vault.aws.fault({ kind: "hang-instead", action: "UpdateAccessKey" });
    await vault.killWhileHanging("rotate", "work");
    vault.user.keys.shift();
    await vault.assertResumes();
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "of two rotations at once the second finds the key replaced",
  async fn() {
    await using vault = await openVault();
    vault.aws.fault({ kind: "hang", action: "CreateAccessKey" });
    const first = vault.start(["rotate", "work"]);
    await vault.aws.faults.untilHanging();
    const second = vault.start(["rotate", "work"]);
    await second.untilSaid(`Waiting for another aws-vault (pid ${first.pid}, profile "work")`);
    vault.aws.faults.release();
    const results = await Promise.all([first.finished, second.finished]);
    assert.deepEqual(results.map(({ code }) => code), [0, 0]);
    assert.match(
      results[1].stderr,
      /^The key of profile "work" was replaced by another process just now$/m,
    );
    await vault.assertSettled();
    assert.equal(vault.aws.takeCalls().filter((line) => line.startsWith("Create")).length, 1);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "of two rotations at once the one that may not wait says who rotates",
  async fn() {
    await using vault = await openVault();
    vault.aws.fault({ kind: "hang", action: "CreateAccessKey" });
    const first = vault.start(["rotate", "work"]);
    await vault.aws.faults.untilHanging();
    const { code, stderr } = await vault.run("rotate", "--wait", "1s", "work");
    assert.equal(code, 4);
    assert.match(stderr, new RegExp(`pid ${first.pid}, profile "work"`));
    vault.aws.faults.release();
    assert.equal((await first.finished).code, 0);
    await vault.assertSettled();
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a resumed rotation can keep the old key where it may not be deleted",
  async fn() {
    await using vault = await openVault({ user: { deny: ["iam:DeleteAccessKey"] } });
    const { id } = vault.user.key;
    assert.equal((await vault.run("rotate", "work")).code, 5);
    await vault.assertUsable();
    await vault.succeed("rotate", "--resume", "--keep-old", "work");
    assert.deepEqual(
      vault.user.keys.map((key) => [key.id, key.active]),
      [[id, false], [await vault.storedKeyId(), true]],
    );
    assert.doesNotMatch((await vault.succeed("list")).stderr, /pending/);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a key is not removed while its rotation is pending, unless by force",
  async fn() {
    await using vault = await openVault();
    vault.aws.fault({ kind: "hang-after", action: "CreateAccessKey" });
    await vault.killWhileHanging("rotate", "work");
    const { code, stderr } = await vault.run("remove", "work");
    assert.equal(code, 1);
    assert.match(stderr, /^hint: Finish it: aws-vault rotate --resume work$/m);
    const forced = await vault.succeed("remove", "--force", "work");
    assert(forced.stderr.includes(vault.user.key.id), forced.stderr);
    assert.equal((await vault.succeed("list", "--credentials")).stdout, "");
    assert.doesNotMatch((await vault.succeed("list")).stderr, /pending/);
  },
});
