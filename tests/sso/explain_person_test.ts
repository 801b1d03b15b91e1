/** `explain` says by the kept login whether a person signs in; it asks neither AWS nor anybody. */

import assert from "node:assert/strict";
import { SsoHome } from "./sso_home.ts";

const HOUR_MS = 3_600_000;

async function noteOf(home: SsoHome): Promise<string> {
  home.aws.takeCalls();
  const { stdout } = await home.succeed("explain", "--json", "dev");
  assert.deepEqual(home.aws.takeCalls(), []);
  return JSON.parse(stdout).notes.join("\n");
}

const PERSON = "a person must sign in; to do so in advance: aws-vault sso login corp";
const PLACE = 'sso-session "corp"';

Deno.test("explain says whether somebody signs in to Identity Center, before and after each end", async () => {
  await using home = await SsoHome.with({ tokenSeconds: 3600, clientSeconds: 30 * 86_400 });
  assert.equal(await noteOf(home), `Nobody is signed in to ${PLACE}: ${PERSON}`);
  await home.succeed("sso", "login", "--sso-device-code");
  assert.equal(await noteOf(home), `Nobody is asked, while the login to ${PLACE} is valid`);
  home.pass(2 * HOUR_MS);
  assert.equal(await noteOf(home), `Nobody is asked, if AWS renews the login to ${PLACE}`);
  home.pass(31 * 24 * HOUR_MS);
  assert.equal(await noteOf(home), `Nobody is signed in to ${PLACE}: ${PERSON}`);
});

Deno.test("explain says that nobody is signed in where a login without a refresh token has expired", async () => {
  await using home = await SsoHome.with({ tokenSeconds: 3600, refreshes: false });
  await home.succeed("sso", "login", "--sso-device-code");
  home.pass(2 * HOUR_MS);
  assert.equal(await noteOf(home), `Nobody is signed in to ${PLACE}: ${PERSON}`);
});
