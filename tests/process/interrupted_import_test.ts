/** Ctrl-C in the middle of a long command on many keys loses none of them. */

import assert from "node:assert/strict";
import { lockPath } from "../../src/lock.ts";
import { systemPlatform } from "../../src/system/platform.ts";
import { memoryEnv } from "../fakes/memory_host.ts";
import { KEY_ID, SECRET_KEY, Victim } from "../hostile/victim.ts";
import { launch } from "./launch.ts";

/** So many that a signal at the second is amid work; the compiled program does all rounds of PBKDF2. */
const COUNT = Deno.env.has("AWS_VAULT_BIN") ? 8 : 60;

Deno.test({
  name: "an import that is interrupted keeps what it has, and goes on",
  ignore: Deno.build.os === "windows",
  async fn() {
    using victim = new Victim();
    const sections = Array.from(
      { length: COUNT },
      (_, at) => `[p${at}]\naws_access_key_id = ${KEY_ID}\naws_secret_access_key = ${SECRET_KEY}\n`,
    );
    const source = sections.join("");
    victim.write(".aws/credentials", source);
    const { code, stderr } = await interruptBefore(victim, `p${COUNT - 1}`);
    assert.equal(code, 130, stderr);
    assert.equal(victim.read(".aws/credentials"), source);
    const imported = stderr.match(/^Imported /gm)!.length;
    const again = await victim.run("import");
    const summary = /^(?:(\d+) already there, )(\d+) imported$/m.exec(again.stderr);
    assert.ok(summary !== null, again.stderr);
    const [found, added] = summary.slice(1).map(Number);
    // What was stored in the moment of the signal was not said any more.
    assert.ok(found === imported || found === imported + 1, again.stderr);
    assert.deepEqual([again.code, found! + added!], [0, COUNT]);
  },
});

/** Interrupts an import after the second key; a later one's lock is held, so that it cannot end before. */
async function interruptBefore(victim: Victim, profile: string) {
  const env = memoryEnv({ AWS_VAULT_STATE_DIR: victim.state });
  const path = await lockPath({ env, platform: systemPlatform(env) }, "key", profile);
  Deno.mkdirSync(`${victim.state}/locks`, { recursive: true, mode: 0o700 });
  using lock = Deno.openSync(`${path}.lock`, {
    create: true,
    write: true,
  });
  lock.lockSync(true);
  const launched = launch(["import", "--delete-source"], victim.env);
  await launched.untilSaid('for profile "p1"');
  launched.kill("SIGINT");
  return await launched.finished;
}
