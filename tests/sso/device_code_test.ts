/** The device code flow, with a clock that the fake AWS shares: pending, slow down, expiry, refusal, fall-back. */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { untilClosed } from "../servers/closed_port.ts";
import { SsoHome } from "./sso_home.ts";

const SSO = "export --format=json --sso-device-code dev".split(" ");

const PENDING = "CreateToken by device by client -> 400 AuthorizationPendingException";
const SLOW = "CreateToken by device by client -> 400 SlowDownException";
const BEGIN = ["RegisterClient for a device by nobody", "StartDeviceAuthorization by client"];
const DONE = [
  "CreateToken by device by client",
  "GetRoleCredentials 111122223333/Admin by sso/ann",
];

Deno.test("a code is asked for at the pace that AWS says, and slower with each slow down", async () => {
  await using home = await SsoHome.with({ pendingPolls: 3, slowDowns: 2 });
  const { code, stderr } = await home.run(...SSO);
  assert.equal(code, 0, stderr);
  // 5 s, then 10 s and 15 s: the fake AWS slows down who comes earlier.
  assert.deepEqual(home.aws.takeCalls(), [
    ...BEGIN,
    SLOW,
    SLOW,
    PENDING,
    PENDING,
    PENDING,
    ...DONE,
  ]);
  assert.equal(home.movedMs, (5 + 10 + 15 * 4) * 1000);
  assert.match(stderr, /^Check that the page shows this code: [A-Z2-7]{4}-[A-Z2-7]{4}$/m);
  assert.match(stderr, /\/device\?user_code=[A-Z2-7]{4}-[A-Z2-7]{4}$/m);
});

Deno.test("an expired code is said, with what to do", async () => {
  await using home = await SsoHome.with({ person: "waits", codeSeconds: 600 });
  const { code, stderr } = await home.run(...SSO);
  assert.equal(code, 4);
  assert.match(
    stderr,
    /error: Nobody signed in to sso-session "corp" within 10 minutes: the request has expired\nhint: Start again: aws-vault sso login corp\n$/,
  );
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "ten minutes without an answer of the browser end the sign-in, and the listener",
  async fn() {
    await using home = await SsoHome.with();
    const { code, stderr } = await home.run("sso", "login", "--browser=true");
    assert.equal(code, 4);
    assert.match(stderr, /Nobody signed in to sso-session "corp" within 10 minutes: the request/);
    assert.equal(home.movedMs, 600_000);
    const port = Number(/127\.0\.0\.1%3A(\d+)%2Foauth/.exec(stderr)![1]);
    await untilClosed(port);
  },
});

Deno.test("names of accounts act neither on the terminal nor on the output", async () => {
  const accounts = [{ id: "111122223333", name: "Main\u001b[2J\nevil", roles: ["Admin"] }];
  await using home = await SsoHome.with({ accounts });
  await home.succeed("sso", "login", "--sso-device-code");
  const { stdout } = await home.succeed("sso", "list");
  assert.match(stdout, /^111122223333 +Admin +Main\\u001b\[2J\\nevil\n$/m);
  const json = JSON.parse((await home.succeed("sso", "list", "--json")).stdout);
  assert.equal(json[0].accountName, "Main\u001b[2J\nevil");
});

Deno.test("logins that end at once are a plain error, not one sign-in after the other", async () => {
  for (const tokenSeconds of [1, 20]) {
    await using home = await SsoHome.with({ tokenSeconds, refreshes: false });
    const { code, stdout, stderr } = await home.run(...SSO);
    const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
    assert.deepEqual([code, stdout, errors], [1, "", [
      "error: Cannot obtain the credentials: what they start with changes again and again",
    ]]);
  }
});

Deno.test("a refusal of the person is said", async () => {
  await using home = await SsoHome.with({ person: "refuses" });
  const { code, stderr } = await home.run(...SSO);
  assert.equal(code, 5);
  assert.match(stderr, /error: The sign-in to sso-session "corp" was refused in the browser\n/);
});

for (const pkceRefusal of ["UnsupportedGrantTypeException", "InvalidScopeException"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `a code takes the place of the browser's way after ${pkceRefusal}`,
    async fn() {
      await using home = await SsoHome.with({ pkceRefusal });
      const { code, stderr } = await home.run("export", "--format=json", "--browser=true", "dev");
      assert.equal(code, 0, stderr);
      assert.deepEqual(home.aws.takeCalls(), [
        `RegisterClient for a code by nobody -> 400 ${pkceRefusal}`,
        ...BEGIN,
        ...DONE,
      ]);
      assert.deepEqual(home.aws.world.identityCenter.clients.map(({ scopes }) => scopes), [[]]);
    },
  });
}

Deno.test("the registration serves until 15 minutes before its end, the refresh token as long as it", async () => {
  await using home = await SsoHome.with({ clientSeconds: 3 * 3600, tokenSeconds: 3600 });
  assert.equal((await home.run(...SSO)).code, 0);
  home.aws.takeCalls();
  home.pass(2 * 3600_000);
  assert.equal((await home.export("--no-prompt")).code, 0);
  assert.deepEqual(home.aws.takeCalls(), [
    "CreateToken by refresh by client",
    "GetRoleCredentials 111122223333/Admin by sso/ann",
  ]);
  home.pass(50 * 60_000);
  assert.equal((await home.run("sso", "login", "--sso-device-code")).code, 0);
  assert.equal(home.aws.takeCalls()[0], "RegisterClient for a device by nobody");
});

Deno.test("a registration that AWS does not know any more is replaced, once", async () => {
  await using home = await SsoHome.with();
  assert.equal((await home.run(...SSO)).code, 0);
  home.aws.world.identityCenter.clients.length = 0;
  home.aws.takeCalls();
  assert.equal((await home.run("sso", "login", "--sso-device-code")).code, 0);
  assert.deepEqual(home.aws.takeCalls(), [
    "StartDeviceAuthorization by nobody -> 401 InvalidClientException",
    ...BEGIN,
    "CreateToken by device by client",
  ]);
});

Deno.test("a refresh that cannot be made now leaves a token in use that still lives", async () => {
  await using home = await SsoHome.with({ tokenSeconds: 3600, roleSeconds: 1800 });
  assert.equal((await home.run(...SSO)).code, 0);
  home.pass(57 * 60_000);
  home.aws.takeCalls();
  home.aws.fault({ kind: "html-500", action: "CreateToken", times: 3 });
  const { code, stderr } = await home.export("--no-prompt");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^warning: The login to sso-session "corp" was not refreshed: cannot read/m);
  home.pass(4 * 60_000);
  assert.equal((await home.export("--no-prompt", "--no-cache")).code, 0);
});

Deno.test("who signs in under the same name gets no credentials of the person before", async () => {
  await using home = await SsoHome.with();
  assert.equal((await home.run(...SSO)).code, 0);
  const first = JSON.parse((await home.export()).stdout).AccessKeyId;
  home.aws.world.identityCenter.change({ user: "bob" });
  assert.equal((await home.run("sso", "login", "--sso-device-code")).code, 0);
  home.aws.takeCalls();
  assert.notEqual(JSON.parse((await home.export()).stdout).AccessKeyId, first);
  assert.deepEqual(home.aws.takeCalls(), ["GetRoleCredentials 111122223333/Admin by sso/bob"]);
});

Deno.test("a login that was shared with the AWS CLI ends in its file as well, whatever the flags of the logout", async () => {
  await using home = await SsoHome.with();
  const holding = () =>
    [...Deno.readDirSync(`${home.path}/.aws/sso/cache`)]
      .filter(({ name }) => home.read(`.aws/sso/cache/${name}`)!.includes('"accessToken"')).length;
  for (const words of [["sso", "logout", "--all"], ["sso", "logout", "corp"], ["clear"]]) {
    await home.succeed("sso", "login", "--sso-device-code", "--sso-cache", "corp");
    assert.equal(holding(), 1);
    await home.succeed(...words);
    assert.equal(holding(), 0, words.join(" "));
  }
});

Deno.test("a login from before, in shared, and one that was refreshed since, get to the AWS CLI", async () => {
  await using home = await SsoHome.with();
  const tokens = () =>
    [...Deno.readDirSync(`${home.path}/.aws/sso/cache`)].map(({ name }) =>
      JSON.parse(home.read(`.aws/sso/cache/${name}`)!)
    ).filter(({ accessToken }) => accessToken !== undefined);
  await home.succeed("sso", "login", "--sso-device-code");
  home.aws.takeCalls();
  await home.succeed("sso", "list", "--no-prompt", "--sso-cache");
  const [first] = tokens();
  assert.equal(first.startUrl, "https://corp.awsapps.com/start");
  home.pass(9 * 3600_000);
  await home.succeed("sso", "list", "--no-prompt");
  assert.deepEqual(tokens(), [first]);
  await home.succeed("sso", "list", "--no-prompt", "--sso-cache");
  const [second] = tokens();
  assert(second.expiresAt > first.expiresAt, "the refreshed login is not shared");
  assert.notEqual(second.refreshToken, first.refreshToken);
  assert.equal(home.aws.takeCalls().filter((call) => call.startsWith("CreateToken")).length, 1);
});
