import assert from "node:assert/strict";
import { atEveryPoint, type World } from "./world.ts";

const BEFORE = "# mine\n[profile other] ; kept\nregion=eu-west-1\n";
const AFTER = `${BEFORE}\n[profile work]\n`;

/** A key is replaced by another user's while a session of the first is cached. */
async function prepare(world: World): Promise<void> {
  await world.as("old").succeed("add", "--env", "--no-add-config", "work");
  assert.equal(await world.sessionUser(), "old");
  world.writeConfig(BEFORE);
  world.as("new");
}

/** The old key or the new one, whole; never a session of a key that is not stored; the config old or new. */
async function check(world: World): Promise<void> {
  const stored = await world.storedKeyId();
  const owner = ["old", "new"].find((name) => world.aws.user(name).key.id === stored);
  assert(owner, `neither key is stored, but ${stored}`);
  assert.equal(await world.sessionUser(), owner);
  assert([BEFORE, AFTER].includes(world.readConfig()!), world.readConfig());
  assert.equal((await world.succeed("list", "--credentials")).stdout, "work\n");
  await world.as("new").succeed(...world.addWords());
  assert.equal(await world.sessionUser(), "new");
  assert.equal(world.readConfig(), AFTER);
}

for (const kind of ["fail", "lose", "full", "stuck", "kill"] as const) {
  Deno.test({
    ignore: Deno.build.os === "windows",
    name: `add keeps the old key or has the new one, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, {
        prepare,
        words: (world) => world.addWords(),
        check,
      });
      assert(points > 10, `only ${points} points`);
    },
  });
}
