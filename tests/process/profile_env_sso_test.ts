/** `exec --profile-env` with Identity Center: an SDK finds the login by the profile's name alone. */

import assert from "node:assert/strict";
import { ConsoleSignIn } from "../servers/console_sign_in.ts";
import { requireService, runs } from "../services.ts";
import { CONFIG, SsoHome } from "../sso/sso_home.ts";

const BOTO3 = requireService("boto3", runs("python3", "-c", "import boto3"), "pip install boto3");
const REGION = "region = us-east-1\n";
const LEGACY = `[profile legacy]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Admin
`;

const BROWSER = `#!/bin/sh
curl -sL "$1" > ~/page
`;

const ASK = `import boto3, os
print("AWS_ACCESS_KEY_ID" in os.environ, os.environ["AWS_PROFILE"])
print(boto3.client("sts").get_caller_identity()["Arn"])
`;

async function openHome(): Promise<SsoHome> {
  const home = await SsoHome.with({}, CONFIG + REGION + LEGACY + REGION);
  home.write("browser", BROWSER, 0o700);
  home.env["AWS_VAULT_BROWSER"] = `${home.path}/browser`;
  delete home.env["AWS_REGION"];
  return home;
}

for (const profile of ["dev", "legacy"]) {
  Deno.test({
    ...BOTO3,
    name: `boto3 below exec --profile-env finds the login of profile ${profile}`,
    async fn() {
      await using home = await openHome();
      const words = ["exec", "--profile-env", profile, "--", "python3", "-c", ASK];
      const arn =
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann";
      // The second time with a login that is kept.
      for (let i = 0; i < 2; i++) {
        const { code, stdout, stderr } = await home.start(words).finished;
        assert.deepEqual([code, stdout], [0, `False ${profile}\n${arn}\n`], stderr);
      }
      const opened = home.aws.takeCalls().filter((call) => call.startsWith("Authorize "));
      assert.deepEqual(opened, ["Authorize by nobody"]);
    },
  });
}

Deno.test({
  ignore: Deno.build.os === "windows",
  name: "login asks for the console session's duration with a role of Identity Center",
  async fn() {
    await using home = await openHome();
    await using signIn = new ConsoleSignIn(home.aws.world);
    home.env["AWS_ENDPOINT_URL_SIGNIN"] = signIn.url;
    // The sign-in's own address is followed by hand.
    const started = home.start(["login", "--stdout", "-d", "4h", "dev"]);
    await started.untilSaid("code_challenge=");
    const page = /^ *(http\S+)$/m.exec(started.said())![1]!;
    await (await fetch(page)).body?.cancel();
    const { code, stdout, stderr } = await started.finished;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^http:\S+\n$/);
    assert.equal(home.read("page"), undefined);
    assert.deepEqual(signIn.granted.map(({ sessionSeconds }) => sessionSeconds), [14_400]);
  },
});
