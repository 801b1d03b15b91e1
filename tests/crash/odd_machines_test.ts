import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { writeProgram } from "../services/write_program.ts";
import { effectOf, ROTATE, sql } from "./scenes.ts";
import { World } from "./world.ts";

const JUMP_MS = 23 * 3_600_000;

for (const [way, jumpMs] of [["forward", JUMP_MS], ["back", -JUMP_MS]] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `a clock that jumps 23 hours ${way} costs a session, and no key`,
    async fn() {
      await using world = await World.open();
      await world.as("old").succeed(...world.addWords());
      assert.equal(await world.sessionUser(), "old");
      world.clockOffsetMs = jumpMs;
      assert.equal(await world.sessionUser(), "old");
      await world.succeed("rotate", "work");
      assert.equal(world.aws.user("old").keys.length, 1);
      world.clockOffsetMs = 0;
      assert.equal(await world.sessionUser(), "old");
      assert.equal(await world.storedKeyId(), world.aws.user("old").key.id);
    },
  });

  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `a clock that jumps 23 hours ${way} does not make a lost key somebody else's`,
    async fn() {
      await using world = await World.open();
      await ROTATE.prepare(world);
      // The process dies before the record that the key was created.
      const at = await effectOf("write aws-vault-pending%3Awork", 3);
      const { code, stderr } = await world.runFaulty({ at, kind: "kill" }, "rotate", "work");
      assert.equal(code, 137, stderr);
      assert.equal(world.aws.user("old").keys.length, 2);
      world.clockOffsetMs = jumpMs;
      await ROTATE.check(world, { code, stdout: "", stderr });
    },
  });
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "two versions of the program share a state folder, and neither serves a replaced key",
  async fn() {
    await using world = await World.open();
    await world.as("old").succeed(...world.addWords());
    assert.equal(await world.sessionUser(), "old");
    // A newer version has taken the database over.
    await sql(world, "PRAGMA user_version = 99");
    const { stderr } = await world.run("export", "--format=json", "work");
    assert.match(stderr, /belongs to a newer aws-vault and is left alone/);
    assert.equal(await world.sessionUser(), "old");
    await world.as("new").succeed(...world.addWords());
    assert.equal(await world.sessionUser(), "new");
    // What the newer version finds in its own database is not a session of the old key either.
    await sql(world, "PRAGMA user_version = 1");
    assert.equal(await world.sessionUser(), "new");
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  // The real file store may load a library of the system, for good.
  sanitizeResources: false,
  name:
    "a passphrase command that fails half-way through a rotation leaves one that can be resumed",
  async fn() {
    await using world = await World.open();
    world.backends = BACKENDS;
    world.env["AWS_VAULT_BACKEND"] = "file";
    world.env["AWS_VAULT_FILE_PASSPHRASE_COMMAND"] = `${world.path}/passphrase`;
    const say = (script: string) =>
      writeProgram(`${world.path}/passphrase`, `#!/bin/sh\n${script}\n`, 0o700);
    say("echo secret");
    await world.as("old").succeed(...world.addWords());
    world.aws.fault({ kind: "deny", action: "DeleteAccessKey" });
    assert.equal((await world.run("rotate", "work")).code, 5);
    say("exit 1");
    const locked = await world.run("rotate", "--resume", "work");
    assert([1, 4].includes(locked.code), locked.stderr);
    assert.equal(world.aws.user("old").keys.length, 2);
    say("echo secret");
    await ROTATE.check(world, locked);
  },
});
