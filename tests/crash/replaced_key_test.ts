import assert from "node:assert/strict";
import { encodeStoredKey } from "../../src/credentials/long_term_key.ts";
import { Secret } from "../../src/secret.ts";
import type { AccessKey } from "../servers/users.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { effectOf, ROTATE } from "./scenes.ts";
import { World } from "./world.ts";

/** A rotation that died once its new key was recorded. */
async function stopped(): Promise<World> {
  const world = await World.open({ keysPerUser: 3 });
  await ROTATE.prepare(world);
  const at = await effectOf("http GetCallerIdentity", 2);
  await world.runFaulty({ at, kind: "kill" }, "rotate", "work");
  assert.equal(world.aws.user("old").keys.length, 2);
  return world;
}

/** Another tool stores a key: `add` would not, while a rotation is pending. */
function store(world: World, { id, secret }: AccessKey): void {
  const key = { accessKeyId: id, secretAccessKey: new Secret(secret) };
  Deno.writeFileSync(`${world.path}/keys/keyctl/work`, encodeStoredKey(key));
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a key of the user that was stored in the meantime stays, and the rotation's own goes",
  async fn() {
    await using world = await stopped();
    const user = world.aws.user("old");
    const [old, made] = user.keys;
    const own = world.aws.world.createKey(user);
    store(world, own);
    const { code, stderr } = await world.run("rotate", "--resume", "work");
    assert.equal(code, 4, stderr);
    for (const { id } of [old!, made!, own]) assert(stderr.includes(id), `${id} is not named`);
    assert.equal(user.keys.length, 3);
    await world.succeed("rotate", "--resume", "--delete-other", made!.id, "work");
    assert.deepEqual(user.keys.map(({ id }) => id), [old!.id, own.id]);
    assert.equal(await world.storedKeyId(), own.id);
    assert.doesNotMatch((await world.succeed("list")).stderr, /pending/);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name:
    "another user's key that was stored in the meantime does not make the rotation's own seem gone",
  async fn() {
    await using world = await stopped();
    const [old, made] = world.aws.user("old").keys;
    store(world, world.aws.user("new").key);
    for (const flags of [[], ["--delete-other", made!.id]]) {
      const { code, stderr } = await world.run("rotate", "--resume", ...flags, "work");
      assert.equal(code, 4, stderr);
      assert.match(stderr, new RegExp(`^hint: Look in the IAM console for ${made!.id}`, "m"));
    }
    assert.match((await world.succeed("list")).stderr, /pending/);
    // The person has looked.
    world.aws.user("old").keys.pop();
    await world.succeed("rotate", "--resume", "--nothing-was-created", "work");
    assert.doesNotMatch((await world.succeed("list")).stderr, /pending/);
    assert.deepEqual(world.aws.user("old").keys.map(({ id }) => id), [old!.id]);
    assert.equal(await world.storedKeyId(), world.aws.user("new").key.id);
  },
});
