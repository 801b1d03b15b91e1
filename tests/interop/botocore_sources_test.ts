/** boto3 as the judge of config formats: it reads the same profiles itself, and gets credentials of the same identity. */

import assert from "node:assert/strict";
import { Home, keyVariables, NOT_ON_WINDOWS } from "../home.ts";
import { launcher } from "../process/launch.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { requireService, runs } from "../services.ts";

const BOTO3 = requireService("boto3", runs("python3", "-c", "import boto3"), "pip install boto3");
const ROLE = "arn:aws:iam::111122223333:role/deploy";

/** Prints whose credentials the profiles give in boto3's own reading; nothing of aws-vault is asked. */
const PYTHON = `
import boto3, json, sys
said = {}
for name in sys.argv[1:]:
    sts = boto3.Session(profile_name=name).client("sts", region_name="us-east-1")
    said[name] = sts.get_caller_identity()["Arn"]
print(json.dumps(said))
`;

/** Every form of a source that SDKs have, too; except for `login_session`, whose login boto3 takes from the CLI's file alone. */
const CONFIG = (home: Home) => `
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[profile sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin

[profile sso-legacy]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = ReadOnly

[profile role-by-sso]
role_arn = ${ROLE}
source_profile = sso

[profile token-file]
web_identity_token_file = ${home.path}/token
role_arn = ${ROLE}
role_session_name = job

[profile from-environment]
credential_source = Environment
role_arn = ${ROLE}

[profile from-machine]
credential_source = Ec2InstanceMetadata
role_arn = ${ROLE}

[profile from-container]
credential_source = EcsContainer
role_arn = ${ROLE}

[profile shared]

[profile role-by-shared]
role_arn = ${ROLE}
source_profile = shared

[profile program]
credential_process = cat ${home.path}/printed

[profile role-by-program]
role_arn = ${ROLE}
source_profile = program
`;

async function openHome(): Promise<Home> {
  const roles = [{ name: "deploy", subjects: ["repo:a"] }];
  const identityCenter = { intervalSeconds: 0 };
  const home = new Home(await startFakeAws({ users: [{ name: "ann" }], roles, identityCenter }));
  const { id, secret } = home.aws.user("ann").key;
  home.write("token", home.aws.webIdentityToken({ sub: "repo:a" }));
  const printed = { Version: 1, AccessKeyId: id, SecretAccessKey: secret };
  home.write("printed", JSON.stringify(printed));
  home.write(".aws/config", CONFIG(home));
  home.write(
    ".aws/credentials",
    `[shared]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`,
  );
  home.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = home.aws.url;
  // One attempt of 1 s otherwise, in boto3 and in ours.
  home.env["AWS_METADATA_SERVICE_TIMEOUT"] = "60";
  home.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = `${home.aws.url}/container`;
  Object.assign(home.env, keyVariables(home.aws, "ann"));
  home.write("bin/aws-vault", launcher(), 0o755);
  for (const name of ["sso", "sso-legacy"]) {
    await home.succeed("sso", "login", "--sso-device-code", "--sso-cache", name);
  }
  return home;
}

async function askBoto3(home: Home, names: readonly string[]): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await new Deno.Command("python3", {
    args: ["-c", PYTHON, ...names],
    clearEnv: true,
    env: {
      ...home.env,
      PATH: Deno.env.get("PATH")!,
      ...Deno.env.has("PYENV_ROOT") && { PYENV_ROOT: Deno.env.get("PYENV_ROOT")! },
    },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** An ARN without the name of a role's session, which each program chooses; one that is set stays. */
const identityOf = (arn: string) => arn.replace(/(assumed-role\/deploy)\/(?!job$).*/, "$1");

Deno.test({
  ...NOT_ON_WINDOWS,
  ...BOTO3,
  name: "boto3 gets the same identity from the same profiles, for every source that it has",
  async fn() {
    await using home = await openHome();
    const names = [...CONFIG(home).matchAll(/^\[profile (.*)\]$/gm)].map(([, name]) => name!);
    assert.equal(names.length, 11);
    const theirs = await askBoto3(home, names);
    for (const name of names) {
      const { stdout } = await home.succeed("whoami", "--no-session", "--json", name);
      assert.equal(identityOf(JSON.parse(stdout).arn), identityOf(theirs[name]!), name);
    }
  },
});
