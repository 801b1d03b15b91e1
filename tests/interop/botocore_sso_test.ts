/** botocore and the AWS CLI as the judges: endpoints, credentials by a credential_process line, and the shared login. */

import assert from "node:assert/strict";
import { resolveRolesAnywhereEndpoint } from "../../src/aws/roles_anywhere_endpoint.ts";
import { resolveSignin } from "../../src/aws/signin_place.ts";
import { resolveSsoEndpoint } from "../../src/aws/sso_endpoint.ts";
import { requireService, runs } from "../services.ts";
import { launcher } from "../process/launch.ts";
import { CONFIG, SsoHome } from "../sso/sso_home.ts";
import { askBotocore, requireBotocore } from "./botocore.ts";

const service = requireBotocore();
const BOTO3 = requireService("boto3", runs("python3", "-c", "import boto3"), "pip install boto3");
const CLI = requireService("the AWS CLI", runs("aws", "--version"), "pip install awscli");

const RULES = `
import itertools, json, sys
from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import Loader
loader = Loader()
partitions = loader.load_data("partitions")
regions = [r for p in partitions["partitions"] for r in p["regions"] if r[-1].isdigit()] + json.load(sys.stdin)
rows = []
for name, service in (("sso-oidc", "oidc"), ("sso", "portal")):
    provider = EndpointProvider(loader.load_service_model(name, "endpoint-rule-set-1"), partitions)
    for region, fips, dualstack in itertools.product(regions, *[[False, True]] * 2):
        endpoint = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dualstack)
        rows.append({"service": service, "region": region, "fips": fips, "dualstack": dualstack, "url": endpoint.url})
json.dump(rows, sys.stdout)
`;

interface RuleRow {
  readonly service: "oidc" | "portal";
  readonly region: string;
  readonly fips: boolean;
  readonly dualstack: boolean;
  readonly url: string;
}

Deno.test("resolveSsoEndpoint() agrees with botocore's rules for every region and variant", {
  ...service,
}, async () => {
  const unknown = ["us-north-9", "cn-east-7", "us-gov-north-3", "eusc-de-west-2"];
  const rows = await askBotocore(RULES, unknown) as RuleRow[];
  assert(rows.length > 300, `only ${rows.length} rows`);
  const ours = rows.map((row) => ({
    ...row,
    url: resolveSsoEndpoint(row.service, {
      region: row.region,
      useFips: row.fips,
      useDualstack: row.dualstack,
    }),
  }));
  assert.deepEqual(ours, rows);
});

/** Of one service, whose name is inserted. */
const ONE_SERVICE_RULES = `
import itertools, json, sys
from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import Loader
loader = Loader()
partitions = loader.load_data("partitions")
regions = [r for p in partitions["partitions"] for r in p["regions"] if r[-1].isdigit()] + json.load(sys.stdin)
provider = EndpointProvider(loader.load_service_model("SERVICE", "endpoint-rule-set-1"), partitions)
rows = []
for region, fips, dualstack in itertools.product(regions, *[[False, True]] * 2):
    endpoint = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dualstack)
    rows.append({"region": region, "fips": fips, "dualstack": dualstack, "url": endpoint.url})
json.dump(rows, sys.stdout)
`;

/** Those that are called otherwise than by signed Query requests. */
const OTHER_SERVICES: Readonly<Record<string, (settings: Settings) => string>> = {
  signin: ({ region, ...variant }) => resolveSignin(region, variant).url,
  rolesanywhere: resolveRolesAnywhereEndpoint,
};

type Settings = Parameters<typeof resolveRolesAnywhereEndpoint>[0];

for (const [name, resolve] of Object.entries(OTHER_SERVICES)) {
  Deno.test(`the endpoint of ${name} is botocore's for every region and variant`, {
    ...service,
  }, async () => {
    const unknown = ["us-north-9", "cn-east-7", "us-gov-north-3", "eusc-de-west-2"];
    const rules = ONE_SERVICE_RULES.replace("SERVICE", name);
    const rows = await askBotocore(rules, unknown) as Omit<RuleRow, "service">[];
    assert(rows.length > 150, `only ${rows.length} rows`);
    const ours = rows.map(({ region, fips, dualstack }) => {
      const url = resolve({ region, useFips: fips, useDualstack: dualstack });
      return { region, fips, dualstack, url };
    });
    assert.deepEqual(ours, rows);
  });
}

/** A program with what a user of it has in the environment. */
async function run(home: SsoHome, command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    clearEnv: true,
    env: {
      ...home.env,
      PATH: `${home.path}/bin:${Deno.env.get("PATH")}`,
      // Python's own folders, where it is one of a version manager.
      ...Deno.env.has("PYENV_ROOT") && { PYENV_ROOT: Deno.env.get("PYENV_ROOT")! },
    },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

const PYTHON = (program: string) =>
  [
    "python3",
    "-c",
    `import boto3, json, sys\n${program}`,
  ] as const;

/** A home with a login, and a profile by which SDKs get credentials from it. */
async function sdkHome(...flags: string[]): Promise<SsoHome> {
  const config = `${CONFIG}
[profile sdk]
credential_process = aws-vault export --format=json dev
region = us-east-1
`;
  const home = await SsoHome.with({}, config);
  home.write("bin/aws-vault", launcher(), 0o755);
  const { code, stderr } = await home.run("sso", "login", "--sso-device-code", ...flags);
  assert.equal(code, 0, stderr);
  return home;
}

Deno.test("boto3 gets credentials through a credential_process line for an SSO profile", {
  ...BOTO3,
}, async () => {
  await using home = await sdkHome();
  const said = await run(
    home,
    ...PYTHON(
      "print(boto3.Session(profile_name='sdk').client('sts').get_caller_identity()['Arn'])",
    ),
  );
  assert.match(said, /assumed-role\/AWSReservedSSO_Admin_\w+\/ann\n$/);
});

Deno.test("the AWS CLI gets credentials through a credential_process line for an SSO profile", {
  ...CLI,
}, async () => {
  await using home = await sdkHome();
  const said = await run(home, "aws", "sts", "get-caller-identity", "--profile", "sdk");
  assert.match(JSON.parse(said).Arn, /assumed-role\/AWSReservedSSO_Admin_\w+\/ann$/);
});

Deno.test("boto3 uses the login that is shared by --sso-cache, and refreshes it", {
  ...BOTO3,
}, async () => {
  await using home = await sdkHome("--sso-cache");
  const ask = () =>
    run(
      home,
      ...PYTHON(
        "print(boto3.Session(profile_name='dev').client('sts', region_name='us-east-1').get_caller_identity()['Arn'])",
      ),
    );
  home.aws.takeCalls();
  assert.match(await ask(), /AWSReservedSSO_Admin_\w+\/ann\n$/);
  assert.equal(home.aws.takeCalls()[0], "GetRoleCredentials 111122223333/Admin by sso/ann");
  // Its end is near: botocore refreshes with our registration, and writes what we read after it.
  const [name] = [...Deno.readDirSync(`${home.path}/.aws/sso/cache`)].map(({ name }) => name)
    .filter((name) => home.read(`.aws/sso/cache/${name}`)!.includes("accessToken"));
  const path = `.aws/sso/cache/${name}`;
  const before = JSON.parse(home.read(path)!);
  const soon = new Date(Date.now() + 60_000).toISOString().replace(/\.\d+Z$/, "Z");
  home.write(path, JSON.stringify({ ...before, expiresAt: soon }));
  assert.match(await ask(), /AWSReservedSSO_Admin_\w+\/ann\n$/);
  assert.equal(home.aws.takeCalls()[0], "CreateToken by refresh by client");
  const after = JSON.parse(home.read(path)!);
  assert.notEqual(after.accessToken, before.accessToken);
  const { code, stderr } = await home.export("--no-prompt", "--sso-cache");
  assert.equal(code, 0, stderr);
  assert.deepEqual(home.aws.takeCalls(), ["GetRoleCredentials 111122223333/Admin by sso/ann"]);
});

const NAMES = `
import json, sys
from botocore.utils import SSOTokenLoader
from botocore.tokens import SSOTokenProvider
cache = {}
loader = SSOTokenLoader(cache=cache)
rows = []
for url, name in json.load(sys.stdin):
    cache.clear()
    loader.save_token(url, {"accessToken": "x", "expiresAt": "2026-01-01T00:00:00Z"}, session_name=name)
    rows.append(list(cache)[0] + ".json")
json.dump(rows, sys.stdout)
`;

Deno.test("the shared files have botocore's names, form and mode", { ...service }, async () => {
  await using home = await SsoHome.with();
  assert.equal((await home.run("sso", "login", "--sso-device-code", "--sso-cache")).code, 0);
  const folder = `${home.path}/.aws/sso/cache`;
  const [name] = await askBotocore(NAMES, [["https://corp.awsapps.com/start", "corp"]]) as string[];
  const text = home.read(`.aws/sso/cache/${name}`)!;
  const fields = JSON.parse(text);
  assert.deepEqual(Object.keys(fields), [
    "startUrl",
    "region",
    "accessToken",
    "expiresAt",
    "clientId",
    "clientSecret",
    "registrationExpiresAt",
    "refreshToken",
  ]);
  assert.match(fields.expiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const [signIn] = home.aws.world.identityCenter.signIns;
  assert.deepEqual([fields.accessToken, fields.refreshToken], [
    signIn!.accessToken,
    signIn!.refreshToken,
  ]);
  // What the AWS CLI hashes, as Python writes it; scopes are those of the settings, if any.
  const key = '{"region": "us-east-1", "scopes": null, "session_name": "corp", ' +
    '"startUrl": "https://corp.awsapps.com/start", "tool": "botocore"}';
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key));
  const registration = `${new Uint8Array(digest).toHex()}.json`;
  assert.deepEqual(
    [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
    [
      name,
      registration,
    ].sort(),
  );
  assert.deepEqual(Object.keys(JSON.parse(home.read(`.aws/sso/cache/${registration}`)!)), [
    "clientId",
    "clientSecret",
    "expiresAt",
    "scopes",
  ]);
  for (const file of [name, registration]) {
    if (Deno.build.os === "windows") continue;
    assert.equal(Deno.statSync(`${folder}/${file}`).mode! & 0o777, 0o600);
  }
  await home.run("sso", "logout", "--sso-cache");
  assert.equal(home.read(`.aws/sso/cache/${name}`), undefined);
});

Deno.test("without --sso-cache nothing is written there, and a file that is there is not read", async () => {
  await using home = await SsoHome.with();
  assert.equal((await home.run("sso", "login", "--sso-device-code")).code, 0);
  assert.equal((await home.export()).code, 0);
  assert.deepEqual([...Deno.readDirSync(`${home.path}/.aws`)].map(({ name }) => name), ["config"]);
  assert.equal((await home.run("sso", "login", "--sso-device-code", "--sso-cache")).code, 0);
  Deno.removeSync(`${home.path}/.awsvault/state/sessions.db`);
  assert.equal((await home.export("--no-prompt")).code, 4);
  assert.equal((await home.export("--no-prompt", "--sso-cache")).code, 0);
});

Deno.test("a login of the AWS CLI serves with aws_vault_sso_cache, one of another portal does not", async () => {
  await using home = await SsoHome.with({}, `[default]\naws_vault_sso_cache = true\n${CONFIG}`);
  assert.equal((await home.run("sso", "login", "--sso-device-code")).code, 0);
  const [name] = [...Deno.readDirSync(`${home.path}/.aws/sso/cache`)].map(({ name }) => name)
    .filter((name) => home.read(`.aws/sso/cache/${name}`)!.includes("accessToken"));
  const path = `.aws/sso/cache/${name}`;
  // As on a machine where only the AWS CLI has signed in; its older versions write UTC.
  const { refreshToken: _, ...theirs } = JSON.parse(home.read(path)!);
  const alone = (text: string) => {
    Deno.removeSync(`${home.path}/.awsvault/state/sessions.db`);
    home.write(path, text);
  };
  alone(JSON.stringify({ ...theirs, expiresAt: theirs.expiresAt.replace("Z", "UTC") }));
  assert.equal((await home.export("--no-prompt")).code, 0);
  alone(JSON.stringify({ ...theirs, startUrl: "https://other.awsapps.com/start" }));
  assert.equal((await home.export("--no-prompt", "--no-cache")).code, 4);
  for (const odd of ["", "[]", "{", '{"accessToken": "a b"}', '"x"']) {
    Deno.writeTextFileSync(`${home.path}/${path}`, odd);
    assert.equal((await home.export("--no-prompt", "--no-cache")).code, 4, odd);
  }
});
