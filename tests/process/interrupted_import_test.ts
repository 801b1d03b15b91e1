/** Ctrl-C in the middle of a long command on many keys loses none of them. */

import assert from "node:assert/strict";
import { KEY_ID, SECRET_KEY, Victim } from "../hostile/victim.ts";
import { launch } from "./launch.ts";

/** So many that a signal at the second is in time; the compiled program does all rounds of PBKDF2. */
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
    const launched = launch(["import", "--delete-source"], victim.env);
    await launched.untilSaid('for profile "p1"');
    launched.kill("SIGINT");
    const { code, stderr } = await launched.finished;
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
