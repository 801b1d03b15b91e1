/**
 * Somebody who does not know our locks (another tool, another machine that shares the store) changes a
 * key while it is rotated: what they stored stays, and no key of the user is lost or left unknown.
 */

import assert from "node:assert/strict";
import { type Finished, NOT_ON_WINDOWS, openSameKey, type SameKey } from "../process/same_key.ts";

/** Rotates, and does something while AWS has the call. */
async function rotateWhile(
  scene: SameKey,
  action: string,
  act: () => Promise<unknown>,
): Promise<Finished> {
  scene.aws.fault({ kind: "hang", action });
  const rotating = scene.start("rotate");
  await scene.aws.faults.untilHanging();
  scene.aws.takeCalls();
  await act();
  scene.aws.faults.release();
  return await rotating.finished;
}

/** Another machine's state folder: it has other locks. */
function elsewhere(scene: SameKey) {
  return { AWS_VAULT_STATE_DIR: `${scene.home}/another-machine` };
}

function assertSaid(
  { code, stdout, stderr }: Finished,
  exit: number,
  ...parts: readonly string[]
): void {
  assert.equal(code, exit, stderr);
  const said = stdout + stderr;
  for (const part of parts) assert(said.includes(part), `${part} is not in: ${said}`);
}

function actions(scene: SameKey): string[] {
  return scene.aws.calls.map(({ action }) => action);
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a key that is replaced before anything was made stops the rotation",
  async fn() {
    await using scene = await openSameKey();
    const other = scene.aws.user("other").key;
    const ended = await rotateWhile(scene, "ListAccessKeys", () => scene.store(other));
    assertSaid(ended, 1, `the key ${other.id} was stored in the meantime`, "Nothing was changed");
    assert.deepEqual(actions(scene), ["ListAccessKeys"]);
    await scene.assertSettled(other.id);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "another user's key that is stored in the meantime stays, and the new key is deleted",
  async fn() {
    await using scene = await openSameKey();
    const [old] = scene.keysOf("work");
    const other = scene.aws.user("other").key;
    const ended = await rotateWhile(scene, "CreateAccessKey", () => scene.store(other));
    assertSaid(
      ended,
      1,
      `the key ${other.id} was stored in the meantime`,
      `${old} is no longer stored`,
    );
    assert.deepEqual(scene.keysOf("work"), [old]);
    await scene.assertSettled(other.id);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a key that is removed on another machine does not come back",
  async fn() {
    await using scene = await openSameKey();
    const [old] = scene.keysOf("work");
    const ended = await rotateWhile(scene, "CreateAccessKey", async () => {
      assertSaid(await scene.run("remove", elsewhere(scene)), 0, "Deleted credentials");
    });
    assertSaid(ended, 1, "its key was removed in the meantime", "was deleted");
    assert.deepEqual(scene.keysOf("work"), [old]);
    await scene.assertSettled(undefined);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a new key that cannot be deleted stays in the record, also where that was removed",
  async fn() {
    const users = [{ name: "work", deny: ["iam:DeleteAccessKey"] }, { name: "other" }];
    await using scene = await openSameKey({ users });
    const ended = await rotateWhile(scene, "CreateAccessKey", () => {
      return scene.run("remove", elsewhere(scene));
    });
    const [old, made] = scene.keysOf("work");
    assertSaid(ended, 4, "its key was removed in the meantime", `${made} is still in AWS`);
    assert.deepEqual(await scene.stored(), { key: undefined, pending: [old, made] });
    // The way that the hint names.
    assertSaid(await scene.run("remove"), 0, `beside ${old} and ${made}`);
    assert.deepEqual(await scene.stored(), { key: undefined, pending: undefined });
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "no key is deleted in AWS once the stored one is another",
  async fn() {
    await using scene = await openSameKey();
    const [old] = scene.keysOf("work");
    const other = scene.aws.user("other").key;
    const ended = await rotateWhile(scene, "UpdateAccessKey", () => scene.store(other));
    const made = scene.keysOf("work")[0]!;
    assertSaid(ended, 4, `the key ${other.id} was stored in the meantime`, `delete ${made}`);
    assert(!actions(scene).includes("DeleteAccessKey"));
    assert.deepEqual(scene.aws.user("work").keys.map(({ id }) => id), [old, made]);
    assert.deepEqual(await scene.stored(), { key: other.id, pending: [old, made] });
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "the old key is not deleted once it is stored again, and the rotation can go on",
  async fn() {
    await using scene = await openSameKey();
    const old = scene.aws.user("work").key;
    const ended = await rotateWhile(scene, "UpdateAccessKey", () => scene.store(old));
    assertSaid(ended, 1, `Cannot retire key ${old.id}`);
    const made = scene.keysOf("work")[0]!;
    assert.deepEqual(await scene.stored(), { key: old.id, pending: [old.id, made] });
    assertSaid(await scene.run(["rotate", "--resume", scene.profile]), 0, "Rotated the key");
    await scene.assertSettled(made);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a key that somebody made and stored is not taken for the one of a lost answer",
  async fn() {
    await using scene = await openSameKey();
    const user = scene.aws.user("work");
    const old = user.key;
    scene.aws.fault({ kind: "hang-instead", action: "CreateAccessKey" });
    const rotating = scene.start("rotate");
    await scene.aws.faults.untilHanging();
    const own = scene.aws.world.createKey(user);
    await scene.store(own);
    scene.aws.faults.release();
    assertSaid(
      await rotating.finished,
      1,
      `the key ${own.id} was stored in the meantime`,
      "--resume",
    );
    assert.deepEqual(user.keys, [old, own]);
    assert.deepEqual(await scene.stored(), { key: own.id, pending: [old.id, undefined] });
    const resumed = await scene.run(["rotate", "--resume", scene.profile]);
    assertSaid(resumed, 0, "Ended the rotation", `${old.id} is no longer stored`);
    assert.deepEqual(user.keys, [old, own]);
    assert.deepEqual(await scene.stored(), { key: own.id, pending: undefined });
  },
});
