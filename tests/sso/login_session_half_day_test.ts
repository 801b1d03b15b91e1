/** A `login_session` is renewed without a person to the end of AWS's twelve hours, and no further. */

import assert from "node:assert/strict";
import { FaultHome } from "../faults/fault_home.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { requireService, runs } from "../services.ts";

const CURL = requireService("curl", runs("curl", "--version"), "apt install curl");
const ARN = "arn:aws:iam::111122223333:user/ann";
const STEP_MINUTES = 14;

Deno.test({
  ...NOT_ON_WINDOWS,
  ...CURL,
  name: "login_session: one sign-in serves for twelve hours, and then a person is needed",
  async fn() {
    await using home = await FaultHome.open();
    home.configure({ login_session: ARN });
    home.openBrowser();
    const signedInAt = Date.now();
    await home.succeed("sso", "login", "work");
    assert.deepEqual(home.aws.takeCalls(), [
      "AuthorizeSignin by nobody",
      "CreateOAuth2Token by code by sso/ann",
    ]);
    const use = () => home.run("export", "--no-prompt", "--format=json", "work");
    const keys = new Set<string>();
    for (let minutes = STEP_MINUTES; minutes < 12 * 60; minutes += STEP_MINUTES) {
      home.pass(STEP_MINUTES * 60_000);
      const { code, stdout, stderr } = await use();
      assert.deepEqual([code, stderr], [0, ""], `after ${minutes} minutes`);
      const { AccessKeyId, Expiration } = JSON.parse(stdout);
      assert.equal(home.aws.world.sessionUser(AccessKeyId), "ann");
      assert(Date.parse(Expiration) > signedInAt + (minutes + 5) * 60_000);
      keys.add(AccessKeyId);
      assert.deepEqual(home.aws.takeCalls(), ["CreateOAuth2Token by refresh by sso/ann"]);
    }
    assert.equal(keys.size, 51);
    const [status] = JSON.parse((await home.succeed("sso", "status", "--json")).stdout);
    assert.deepEqual([status.name, status.signedIn, status.region], [ARN, true, "us-east-1"]);
    const until = Date.parse(status.refreshUntil) - signedInAt;
    assert(Math.abs(until - 12 * 3600_000) < 60_000, `${until} ms`);
    home.pass(STEP_MINUTES * 60_000);
    const { code, stdout, stderr } = await use();
    assert.deepEqual([code, stdout], [4, ""]);
    assert.match(
      stderr,
      /^error: Cannot sign in .*\nhint: Sign in first: aws-vault sso login work\n$/,
    );
    assert.deepEqual(JSON.parse((await home.succeed("sso", "status", "--json")).stdout), []);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  ...CURL,
  name: "login_session: --force-refresh and --min-ttl get credentials that are new",
  async fn() {
    await using home = await FaultHome.open();
    home.configure({ login_session: ARN });
    home.openBrowser();
    await home.succeed("sso", "login", "work");
    const use = async (...flags: string[]) => {
      home.aws.takeCalls();
      const words = ["export", "--no-prompt", "--format=env", ...flags, "work"];
      const { stdout } = await home.succeed(...words);
      return [/^AWS_ACCESS_KEY_ID=(\w+)$/m.exec(stdout)![1], ...home.aws.takeCalls()];
    };
    const renewal = "CreateOAuth2Token by refresh by sso/ann";
    const [first] = await use();
    const [second, ...calls] = await use("--force-refresh");
    assert.notEqual(second, first);
    assert.deepEqual(calls, [renewal]);
    assert.deepEqual(await use(), [second]);
    home.pass(6 * 60_000);
    assert.deepEqual(await use("--min-ttl", "8m"), [second]);
    const [third, ...more] = await use("--min-ttl", "10m");
    assert.notEqual(third, second);
    assert.deepEqual(more, [renewal]);
    // What SDKs want is all of their life.
    home.pass(6 * 60_000);
    assert.deepEqual(await use("--min-ttl", "15m"), [third]);
  },
});
