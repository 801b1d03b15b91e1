/** What is said of a throttle and of a token that AWS refuses; tests/faults has the table of faults. */

import assert from "node:assert/strict";
import { SsoHome } from "./sso_home.ts";

const signIn = async (home: SsoHome) => {
  await home.succeed("sso", "login", "--sso-device-code");
};

Deno.test("a throttle that does not end is said", async () => {
  await using home = await SsoHome.with();
  await signIn(home);
  home.aws.fault({ kind: "throttle", action: "GetRoleCredentials", times: 3 });
  const { code, stderr } = await home.export();
  assert.equal(code, 5);
  assert.match(
    stderr,
    /TooManyRequestsException.*\nhint: Identity Center answers about 20 requests/,
  );
});

Deno.test("a 401 that a new token does not end is an error, after one attempt", async () => {
  await using home = await SsoHome.with();
  await signIn(home);
  home.aws.takeCalls();
  const refusal = { kind: "refuse", status: 401, code: "UnauthorizedException" } as const;
  home.aws.fault({ ...refusal, action: "GetRoleCredentials", times: 2 });
  const { code } = await home.export();
  assert.equal(code, 5);
  assert.deepEqual(home.aws.takeCalls(), [
    "GetRoleCredentials by nobody -> 401 UnauthorizedException",
    "CreateToken by refresh by client",
    "GetRoleCredentials by nobody -> 401 UnauthorizedException",
  ]);
});
