import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { CONFIG } from "../sso/sso_home.ts";
import { atEveryPoint, type Scene, type World } from "./world.ts";

/** No pause between polls: here nobody's clock moves. */
const OPTIONS = { identityCenter: { intervalSeconds: 0 } };
const EXPORT = ["export", "--format=json", "--sso-device-code", "dev"];

const prepare = (world: World) => Promise.resolve(world.write(".aws/config", CONFIG));

const SIGN_IN: Scene = {
  options: OPTIONS,
  prepare,
  words: () => EXPORT,
  async check(world, { code, stdout, stderr }) {
    // What cannot be kept serves anyway; a lost answer of AWS uses up the code.
    if (code === 0) assert.match(JSON.parse(stdout).AccessKeyId, /^ASIA/);
    else assert.deepEqual([stdout, stderr.match(/^error: /gm)?.length], ["", 1]);
    assert([0, 1, 5].includes(code), `${code}`);
    const again = await world.succeed(...EXPORT);
    assert.match(JSON.parse(again.stdout).AccessKeyId, /^ASIA/);
  },
};

const ADDED = ["Admin", "ReadOnly"].map((role) =>
  `[profile Main-${role}]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = ${role}\n`
);
const POPULATED = `${CONFIG}\n# aws-vault sso populate corp: begin\n${ADDED.join("\n")}` +
  "# aws-vault sso populate corp: end\n";

const POPULATE: Scene = {
  options: OPTIONS,
  async prepare(world) {
    await prepare(world);
    await world.succeed("sso", "login", "--sso-device-code");
  },
  words: () => ["sso", "populate"],
  async check(world, { code }) {
    const config = world.read(".aws/config");
    assert([CONFIG, POPULATED].includes(config!), config);
    if (code === 0) assert.equal(config, POPULATED);
    await world.succeed("sso", "populate");
    assert.equal(world.read(".aws/config"), POPULATED);
  },
};

for (const kind of ["lose", "full", "gone"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `a sign-in can be made again, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, SIGN_IN);
      assert(points >= 5, `only ${points} points`);
    },
  });
}

for (const kind of ["fail", "lose", "full", "gone", "half"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `the config file is that of before or has all profiles, ${kind} at every effect`,
    async fn() {
      const points = await atEveryPoint(kind, POPULATE);
      assert(points >= 1, `only ${points} points`);
    },
  });
}
