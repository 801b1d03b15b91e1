/** boto3 and the AWS CLI get credentials through a `credential_process` line, for every source of credentials. */

import assert from "node:assert/strict";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { launcher } from "../process/launch.ts";
import { Authority } from "../roles_anywhere/authority.ts";
import { requireOpenssl } from "../servers/certificates.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { PROVIDER } from "../servers/saml.ts";
import { requireService, runs } from "../services.ts";

const NEEDED = [
  requireService("boto3", runs("python3", "-c", "import boto3"), "pip install boto3"),
  requireService("the AWS CLI", runs("aws", "--version"), "pip install awscli"),
  requireService("curl", runs("curl", "--version"), "apt install curl"),
  requireOpenssl(),
];

const ROLE = "arn:aws:iam::111122223333:role/deploy";

/** The settings of a profile that starts with the source of each kind, and how it is prepared. */
const PROFILES: Readonly<Record<string, (home: Home) => Record<string, string>>> = {
  "stored-key": () => ({}),
  "sso.GetRoleCredentials": () => ({
    sso_session: "corp",
    sso_account_id: "111122223333",
    sso_role_name: "Admin",
  }),
  "AssumeRoleWithWebIdentity": (home) => {
    home.write("token", home.aws.webIdentityToken({ sub: "repo:a" }));
    return { web_identity_token_file: `${home.path}/token`, role_arn: ROLE };
  },
  "rolesanywhere.CreateSession": (home) => {
    using authority = new Authority();
    authority.issue("leaf");
    home.write("cert.pem", authority.withChain("leaf"));
    home.write("key.pem", authority.read("leaf.key"));
    return {
      ...home.aws.world.rolesAnywhere.setUp(authority.root, [ROLE]),
      rolesanywhere_certificate_file: `${home.path}/cert.pem`,
      rolesanywhere_private_key_file: `${home.path}/key.pem`,
    };
  },
  "AssumeRoleWithSAML": (home) => {
    home.write("assertion", home.aws.samlAssertion({ roles: [ROLE] }));
    return { saml_process: `cat ${home.path}/assertion` };
  },
  "credential_source": (home) => {
    home.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = `${home.aws.url}/container`;
    return { credential_source: "EcsContainer" };
  },
  "shared-credentials-file": () => ({ region: "us-east-1" }),
  "shared-credentials-file (temporary)": () => ({ region: "us-east-1" }),
  "signin.CreateOAuth2Token": (home) => {
    home.write("browser", '#!/bin/sh\nexec curl -sL "$1" > /dev/null\n', 0o700);
    home.env["AWS_VAULT_BROWSER"] = `${home.path}/browser`;
    return { login_session: "arn:aws:iam::111122223333:user/ann" };
  },
  "credential_process": (home) => {
    const { id, secret } = home.aws.user("ann").key;
    const keys = { Version: 1, AccessKeyId: id, SecretAccessKey: secret };
    home.write("printed", JSON.stringify(keys));
    return { credential_process: `cat ${home.path}/printed` };
  },
};

/** The other places of a `credential_source`, and what else a plan can start with or lead to. */
const OTHERS: typeof PROFILES = {
  "credential_source of a machine": (home) => {
    home.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = home.aws.url;
    // One attempt of 1 s otherwise.
    home.env["AWS_METADATA_SERVICE_TIMEOUT"] = "60";
    return { credential_source: "Ec2InstanceMetadata" };
  },
  "credential_source of the environment": () => ({ credential_source: "Environment" }),
  "web identity by a program": (home) => ({
    web_identity_token_process: `cat ${home.path}/token`,
    role_arn: ROLE,
  }),
  "root of a member": () => ({
    source_profile: "stored-key",
    aws_account_id: "444455556666",
    aws_vault_root_task_policy: "IAMAuditRootUserCredentials",
  }),
};

const ALL = { ...PROFILES, ...OTHERS };

const nameOf = (kind: string) => kind.replaceAll(/\W+/g, "-").toLowerCase();

/** A home with a profile for each source, and one for SDKs beside it, `sdk-…`. */
async function openHome(): Promise<Home> {
  const trusts = ["rolesanywhere.amazonaws.com", PROVIDER];
  const roles = [{ name: "deploy", subjects: ["repo:a"], trusts }];
  const identityCenter = { intervalSeconds: 0 };
  const users = [{ name: "ann" }];
  const home = new Home(await startFakeAws({ users, roles, identityCenter }));
  home.write("bin/aws-vault", launcher(), 0o755);
  const sections = Object.entries(ALL).map(([kind, settings]) => {
    const lines = Object.entries(settings(home)).map(([name, value]) => `${name} = ${value}\n`);
    const line = `credential_process = aws-vault export --format=json ${nameOf(kind)}\n`;
    return `[profile ${nameOf(kind)}]\n${lines.join("")}\n[profile sdk-${nameOf(kind)}]\n` +
      `region = us-east-1\n${line}`;
  });
  home.write(
    ".aws/config",
    "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n\n" +
      sections.join("\n"),
  );
  const { id, secret } = home.aws.user("ann").key;
  const shared = (name: string, more = "") =>
    `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n${more}`;
  home.write(".aws/credentials", shared("shared-credentials-file"));
  await home.as("ann").succeed("add", "--env", "stored-key");
  const session = await home.run("export", "--format=json", "stored-key");
  const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(session.stdout);
  home.write(
    ".aws/credentials",
    shared("shared-credentials-file") +
      `[shared-credentials-file-temporary-]\naws_access_key_id = ${AccessKeyId}\n` +
      `aws_secret_access_key = ${SecretAccessKey}\naws_session_token = ${SessionToken}\n`,
  );
  await home.succeed("sso", "login", "--sso-device-code", nameOf("sso.GetRoleCredentials"));
  await home.start(["sso", "login", nameOf("signin.CreateOAuth2Token")]).finished;
  return home;
}

const PYTHON = `
import boto3, json, sys
said = {}
for name in sys.argv[1:]:
    session = boto3.Session(profile_name="sdk-" + name)
    said[name] = session.client("sts").get_caller_identity()["Arn"]
print(json.dumps(said))
`;

async function ask(home: Home, ...words: string[]): Promise<string> {
  const [command = "", ...args] = words;
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    clearEnv: true,
    env: {
      ...home.env,
      PATH: `${home.path}/bin:${Deno.env.get("PATH")}`,
      ...Deno.env.has("PYENV_ROOT") && { PYENV_ROOT: Deno.env.get("PYENV_ROOT")! },
    },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

const ANN = /^arn:aws:iam::111122223333:user\/ann$/;
const DEPLOY = /^arn:aws:sts::111122223333:assumed-role\/deploy\//;

/** Whose credentials those of each source are. */
const WHOSE: Readonly<Record<string, RegExp>> = {
  "sso.GetRoleCredentials": /assumed-role\/AWSReservedSSO_Admin_\w+\/ann$/,
  "AssumeRoleWithWebIdentity": DEPLOY,
  "rolesanywhere.CreateSession": DEPLOY,
  "AssumeRoleWithSAML": DEPLOY,
  "credential_source": /assumed-role\/machine\//,
  "credential_source of a machine": /assumed-role\/machine\//,
  "web identity by a program": DEPLOY,
  "root of a member": /^arn:aws:sts::444455556666:assumed-root$/,
};

Deno.test({
  ...NOT_ON_WINDOWS,
  ignore: Deno.build.os === "windows" || NEEDED.some(({ ignore }) => ignore),
  name: "boto3 and the AWS CLI get credentials through credential_process lines for each source",
  async fn() {
    assert.deepEqual(Object.keys(PROFILES).sort(), SOURCES.map(({ kind }) => kind).sort());
    await using home = await openHome();
    const kinds = Object.keys(ALL);
    const said: Record<string, string> = JSON.parse(
      await ask(home, "python3", "-c", PYTHON, ...kinds.map(nameOf)),
    );
    for (const kind of kinds) {
      const whose = WHOSE[kind] ?? ANN;
      assert.match(said[nameOf(kind)]!, whose, kind);
      const profile = ["--profile", `sdk-${nameOf(kind)}`];
      const cli = await ask(home, "aws", "sts", "get-caller-identity", ...profile);
      assert.match(JSON.parse(cli).Arn, whose, kind);
    }
  },
});
