import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { filesBelow } from "../stories/leaks.ts";
import { atEveryPoint, type Finished, type Scene, type World } from "./world.ts";

const WORDS = ["mfa", "enroll", "--store", "--no-session", "--replace", "work"];

/** Whatever goes wrong, the same line goes on, and in the end the seed of the enabled device is stored, once. */
const ENROLL: Scene = {
  async prepare(world: World) {
    await world.as("old").succeed("add", "--env", "--no-add-config", "work");
    world.write(".aws/config", "[profile work] ; mine\n");
  },
  words: () => WORDS,
  async check(world: World, finished: Finished) {
    const again = finished.code === 0 ? finished : await world.run(...WORDS);
    // Where all was done except for the last effect, there is nothing to go on with.
    assert(again.code === 0 || again.stderr.includes("is already in use"), again.stderr);
    const [device] = world.aws.user("old").devices;
    assert.equal(
      world.read(".aws/config"),
      `[profile work] ; mine\nmfa_serial = ${device?.serial}\n`,
    );
    const items = [...filesBelow(`${world.path}/keys`)]
      .filter((path) => /aws-vault-(?:totp|enrolling)[^/]*$/.test(path));
    assert.deepEqual(items.map((path) => decodeURIComponent(path.split("/").at(-1)!)), [
      `aws-vault-totp:${device?.serial}`,
    ]);
    assert(Deno.readTextFileSync(items[0]!).includes(device!.secret), "another seed is stored");
    assert.equal(world.aws.world.unassigned.length, 0);
  },
};

for (const kind of ["fail", "lose", "full", "stuck", "gone", "half", "kill"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `mfa enroll never loses the device it makes, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, ENROLL);
      assert(points >= 4, `only ${points} points`);
    },
  });
}
