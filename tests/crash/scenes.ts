/** What every command must keep, whatever goes wrong in it. */

import assert from "node:assert/strict";
import { systemDatabases } from "../../src/system/databases.ts";
import { filesBelow, holds } from "../stories/leaks.ts";
import { type Finished, KILLED, type Scene, World } from "./world.ts";

const BEFORE = "# mine\n[profile other] ; kept\nregion=eu-west-1\n";
const AFTER = `${BEFORE}\n[profile work]\n`;

/** A key that is stored, and a session of it that is cached. */
async function prepareOld(world: World): Promise<void> {
  await world.as("old").succeed("add", "--env", "--no-add-config", "work");
  assert.equal(await world.sessionUser(), "old");
}

/** The user whose key is stored. */
async function storedUser(world: World): Promise<string | undefined> {
  const id = await world.storedKeyId();
  if (id === undefined) return undefined;
  const owner = world.aws.world.users.find(({ keys }) => keys.some((key) => key.id === id));
  assert(owner, `a key is stored that is nobody's: ${id}`);
  return owner.name;
}

/**
 * `add` over another user's key: the old key or the new one, whole; never a session of a key that is
 * not stored; the config file's old bytes or the new ones.
 */
export const ADD: Scene = {
  async prepare(world) {
    await prepareOld(world);
    world.write(".aws/config", BEFORE);
    world.as("new");
  },
  words: (world) => world.addWords(),
  async check(world) {
    const owner = await storedUser(world);
    assert(owner, "no key is stored");
    assert.equal(await world.sessionUser(), owner);
    assert([BEFORE, AFTER].includes(world.read(".aws/config")!), world.read(".aws/config"));
    assert.equal((await world.succeed("list", "--credentials")).stdout, "work\n");
    await world.as("new").succeed(...world.addWords());
    assert.equal(await world.sessionUser(), "new");
    assert.equal(world.read(".aws/config"), AFTER);
  },
};

/** `remove`: the key is there as it was, or gone; its sessions are not served once it is gone. */
export const REMOVE: Scene = {
  prepare: prepareOld,
  words: () => ["remove", "--force", "work"],
  async check(world) {
    const owner = await storedUser(world);
    if (owner === undefined) {
      const { code, stdout } = await world.run("export", "--format=json", "work");
      assert.deepEqual([code, stdout], [3, ""]);
      assert.equal((await world.succeed("list", "--credentials")).stdout, "");
    } else assert.equal(await world.sessionUser(), "old");
    await world.as("new").succeed(...world.addWords());
    assert.equal(await world.sessionUser(), "new");
  },
};

/**
 * `rotate`: at once a stored key works, and what else is in AWS is known to be pending; resumed, it
 * ends with one key, which is stored.
 */
export const ROTATE: Scene = {
  prepare: prepareOld,
  words: () => ["rotate", "work"],
  async check(world, finished) {
    const user = world.aws.user("old");
    // What could not be stored does not stay behind, unless it is reported.
    const isUndone = finished.stderr.includes("could not be stored, and is deleted") &&
      !finished.stderr.includes("is still in AWS");
    if (isUndone) assert.equal(user.keys.length, 1);
    const stored = await world.storedKeyId();
    assert(user.keys.some(({ id, active }) => id === stored && active), "no stored key works");
    await assertNoSessionOfOther(world, stored!);
    const { stderr } = await world.succeed("list");
    if (user.keys.length > 1) assert.match(stderr, /rotation of profile "work" is pending/);
    await world.succeed("rotate", "--resume", "work");
    assert.deepEqual(user.keys.map(({ id, active }) => ({ id, active })), [
      { id: await world.storedKeyId(), active: true },
    ]);
    assert.doesNotMatch((await world.succeed("list")).stderr, /pending/);
  },
};

/** A session that needs no call is one of the stored key. */
async function assertNoSessionOfOther(world: World, stored: string): Promise<void> {
  const first = world.aws.calls[0]!.accessKeyId;
  world.aws.takeCalls();
  await world.succeed("export", "--format=json", "work");
  const calls = world.aws.takeCalls();
  if (first !== stored) assert.deepEqual(calls, ["GetSessionToken by key/old for 3600s"]);
}

/** A cached call whose cache fails: the credentials anyway, and nothing unsealed on the disk. */
export const CACHE_WRITE: Scene = {
  prepare: async (world) => void await world.as("old").succeed(...world.addWords()),
  words: () => ["export", "--format=json", "work"],
  async check(world, finished) {
    assertServed(finished);
    assert.equal(await world.sessionUser(), "old");
    world.aws.takeCalls();
    assert.equal(await world.sessionUser(), "old");
    assert.deepEqual(world.aws.takeCalls(), []);
    for (const path of filesBelow(world.state)) {
      const content = Deno.readFileSync(path);
      for (const secret of world.aws.secrets()) assert(!holds(content, secret), path);
    }
  },
};

/** `migrate-backend --delete-source`: at every moment one of the stores has the key as it was. */
export const MIGRATE_BACKEND: Scene = {
  prepare: prepareOld,
  words: () => ["migrate-backend", "--from=keyctl", "--to=pass", "--delete-source"],
  async check(world) {
    const { id } = world.aws.user("old").key;
    const there = [
      await world.storedKeyId("--backend=keyctl"),
      await world.storedKeyId("--backend=pass"),
    ];
    assert(there.includes(id), "no store has the key");
    assert(there.every((one) => one === undefined || one === id), "a store has another key");
    await world.succeed(...MIGRATE_BACKEND.words(world));
    assert.equal(await world.storedKeyId("--backend=keyctl"), undefined);
    assert.equal(await world.storedKeyId("--backend=pass"), id);
  },
};

/** Where it was not killed, it has answered with a session of the key. */
function assertServed({ code, stdout, stderr }: Finished): void {
  if (code === KILLED) return;
  assert.equal(code, 0, stderr);
  assert.match(JSON.parse(stdout).AccessKeyId, /^ASIA/);
}

/** The rows of the last statement. */
export async function sql(world: World, ...statements: string[]) {
  const database = await systemDatabases().open(`${world.state}/sessions.db`, { busyTimeoutMs: 0 });
  try {
    return statements.map((text) => database.all(text)).at(-1)!.map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

/** The effects of a run in which nothing goes wrong, in order. */
export async function effectsOf(scene: Scene): Promise<readonly string[]> {
  await using world = await World.open(scene.options);
  await scene.prepare(world);
  const fault = { at: Infinity, kind: "fail" } as const;
  const { effects } = await world.runFaulty(fault, ...scene.words(world));
  return effects.done;
}

/** The number of the n-th effect of the name in a rotation. */
export async function effectOf(name: string, nth: number): Promise<number> {
  const done = await effectsOf(ROTATE);
  return done.flatMap((one, index) => one === name ? [index + 1] : [])[nth - 1]!;
}
