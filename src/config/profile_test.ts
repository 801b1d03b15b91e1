import assert from "node:assert/strict";
import { openConfig, type Profile, resolveChain, resolveProfile } from "./profile.ts";

interface World {
  readonly env?: Record<string, string>;
  readonly flags?: { readonly region?: string; readonly durationSeconds?: number };
  readonly active?: string;
}

/** What the sources of credentials name as theirs. */
const SOURCE_SETTINGS = [
  "sso_session",
  "sso_start_url",
  "sso_region",
  "sso_account_id",
  "sso_role_name",
  "credential_process",
  "web_identity_token_file",
  "web_identity_token_process",
  "credential_source",
];

function settings({ env = {}, flags = {}, active = "a" }: World) {
  return {
    env: { get: (name: string) => env[name], all: () => env },
    flags,
    activeProfile: active,
    sourceSettings: SOURCE_SETTINGS,
  };
}

const resolve = (text: string, world: World = {}, name = "a"): Profile =>
  resolveProfile(openConfig(text, "/config"), name, settings(world));

const chain = (text: string, world: World = {}): Profile[] =>
  resolveChain(openConfig(text, "/config"), "a", settings(world));

/** A profile without any setting. */
const bare = {
  name: "a",
  isConfigured: true,
  sessionTags: [],
  transitiveTagKeys: [],
  endpoint: { useFips: false, useDualstack: false },
  noSession: false,
  sourceSettings: {},
  cacheEnv: [],
} satisfies Profile;

const bad = (message: string, code = "bad-config") => ({ code, message });

Deno.test("resolveProfile() reads every setting of a profile", () => {
  const text = `
[profile a]
region = eu-west-1
mfa_serial = arn:aws:iam::1:mfa/a
mfa_process = totp a
role_arn = arn:aws:iam::1:role/r
external_id = x
role_session_name = me
duration_seconds = 7200
source_profile = b
credential_source = Environment
credential_process = /bin/p --a "b c"
web_identity_token_file = /t
web_identity_token_process = t
session_tags = team = blue, cost=1=2
transitive_session_tags = team, ,cost
source_identity = i
sts_regional_endpoints = Legacy
endpoint_url = http://localhost:1
use_fips_endpoint = TRUE
use_dualstack_endpoint = false
ca_bundle = ~/ca.pem
aws_account_id = 123456789012
aws_vault_no_session = true
aws_vault_cache_env = AWS_EXAMPLE, TENANT
sso_session = s
sso_account_id = 111122223333
sso_role_name = r
aws_vault_sso_cache = true
[sso-session s]
sso_start_url = https://s.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access, other
`;
  assert.deepEqual(resolve(text), {
    name: "a",
    isConfigured: true,
    region: "eu-west-1",
    mfaSerial: "arn:aws:iam::1:mfa/a",
    mfaProcess: "totp a",
    roleArn: "arn:aws:iam::1:role/r",
    externalId: "x",
    roleSessionName: "me",
    roleDurationSeconds: 7200,
    sourceProfile: "b",
    sourceSettings: {
      sso_session: "s",
      sso_account_id: "111122223333",
      sso_role_name: "r",
      credential_process: '/bin/p --a "b c"',
      web_identity_token_file: "/t",
      web_identity_token_process: "t",
      credential_source: "Environment",
    },
    sso: {
      session: {
        name: "s",
        startUrl: "https://s.awsapps.com/start",
        region: "us-east-1",
        scopes: ["sso:account:access", "other"],
      },
      accountId: "111122223333",
      roleName: "r",
      sharesCache: true,
    },
    cacheEnv: ["AWS_EXAMPLE", "TENANT"],
    sessionTags: [{ key: "team", value: "blue" }, { key: "cost", value: "1=2" }],
    transitiveTagKeys: ["team", "cost"],
    sourceIdentity: "i",
    endpoint: {
      stsRegionalEndpoints: "legacy",
      endpointUrl: "http://localhost:1",
      useFips: true,
      useDualstack: false,
    },
    caBundle: "~/ca.pem",
    accountId: "123456789012",
    noSession: true,
  });
});

Deno.test("resolveProfile() gives a profile without a section what everybody gets", () => {
  assert.deepEqual(resolve(""), { ...bare, isConfigured: false });
  assert.deepEqual(resolve("[default]\nregion = r\n"), {
    ...bare,
    isConfigured: false,
    region: "r",
  });
});

Deno.test("resolveProfile() takes flag, environment, profile, includes, [default], in this order", () => {
  const text = "[profile a]\ninclude_profile = b\nregion = own\n" +
    "[profile b]\nregion = b\nmfa_serial = b\nparent_profile = c\n" +
    "[profile c]\nmfa_serial = c\nsource_identity = c\n" +
    "[default]\nregion = d\nmfa_serial = d\nsource_identity = d\nrole_session_name = d\n";
  const own = { mfaSerial: "b", sourceIdentity: "c", roleSessionName: "d" };
  assert.deepEqual(resolve(text), { ...bare, ...own, region: "own" });
  const env = { AWS_DEFAULT_REGION: "old", AWS_MFA_SERIAL: "env" };
  assert.deepEqual(resolve(text, { env }), { ...bare, ...own, region: "old", mfaSerial: "env" });
  assert.deepEqual(resolve(text, { env: { AWS_REGION: "new", AWS_DEFAULT_REGION: "old" } }), {
    ...bare,
    ...own,
    region: "new",
  });
  assert.deepEqual(resolve(text, { env: { AWS_REGION: "new" }, flags: { region: "flag" } }), {
    ...bare,
    ...own,
    region: "flag",
  });
});

Deno.test("resolveProfile() takes what is empty for absent", () => {
  const text =
    "[profile a]\nregion =\nmfa_serial = # none\n[default]\nregion = d\nmfa_serial = m\n";
  const env = { AWS_REGION: "", AWS_MFA_SERIAL: "" };
  assert.deepEqual(resolve(text, { env, flags: { region: "" } }), {
    ...bare,
    region: "d",
    mfaSerial: "m",
  });
});

const IDENTITY = "role_arn = r\nsource_profile = s\ncredential_source = Environment\n" +
  "credential_process = p\nexternal_id = e\nweb_identity_token_file = f\n" +
  "web_identity_token_process = w\nsso_start_url = https://u.awsapps.com\nsso_region = us-east-1\n" +
  "sso_account_id = 111122223333\nsso_role_name = n\naws_account_id = 2\n";

Deno.test("resolveProfile() never takes from [default] whose credentials a profile gives", () => {
  assert.deepEqual(resolve(`[default]\n${IDENTITY}region = d\n[profile a]\nmfa_serial = m\n`), {
    ...bare,
    region: "d",
    mfaSerial: "m",
  });
  assert.deepEqual(resolve(`[default]\nsso_session = missing\n[profile a]\n`), bare);
});

Deno.test("resolveProfile() takes it from a [default] that is the profile, or included by name", () => {
  const all = {
    ...bare,
    roleArn: "r",
    sourceProfile: "s",
    externalId: "e",
    sourceSettings: {
      sso_start_url: "https://u.awsapps.com",
      sso_region: "us-east-1",
      sso_account_id: "111122223333",
      sso_role_name: "n",
      credential_process: "p",
      web_identity_token_file: "f",
      web_identity_token_process: "w",
      credential_source: "Environment",
    },
    sso: {
      session: { startUrl: "https://u.awsapps.com", region: "us-east-1", scopes: [] },
      accountId: "111122223333",
      roleName: "n",
      sharesCache: false,
    },
    accountId: "2",
  };
  const text = `[default]\n${IDENTITY}[profile a]\ninclude_profile = default\n`;
  assert.deepEqual(resolve(text), all);
  assert.deepEqual(resolve(text, {}, "default"), { ...all, name: "default" });
});

Deno.test("resolveProfile() applies some variables to the active profile only", () => {
  const env = {
    AWS_ROLE_ARN: "r",
    AWS_ROLE_SESSION_NAME: "n",
    AWS_SESSION_TAGS: "k=v",
    AWS_TRANSITIVE_TAGS: "k",
    AWS_SOURCE_IDENTITY: "i",
    AWS_MFA_SERIAL: "m",
    AWS_ASSUME_ROLE_TTL: "30m",
  };
  const both = { mfaSerial: "m", roleDurationSeconds: 1800 };
  assert.deepEqual(chain("[profile a]\nsource_profile = b\nrole_arn = own\n", { env }), [
    {
      ...bare,
      ...both,
      roleArn: "r",
      roleSessionName: "n",
      sourceProfile: "b",
      sessionTags: [{ key: "k", value: "v" }],
      transitiveTagKeys: ["k"],
      sourceIdentity: "i",
    },
    { ...bare, ...both, name: "b", isConfigured: false },
  ]);
});

Deno.test("resolveProfile() resolves how long a role lives: flag, variable, setting", () => {
  const text = "[profile a]\nrole_arn = r\nduration_seconds = 7200\n";
  const seconds = (world: World) => resolve(text, world).roleDurationSeconds;
  assert.equal(seconds({}), 7200);
  assert.equal(seconds({ env: { AWS_ASSUME_ROLE_TTL: "2h30m" } }), 9000);
  assert.equal(
    seconds({ env: { AWS_ASSUME_ROLE_TTL: "2h" }, flags: { durationSeconds: 900 } }),
    900,
  );
  assert.equal(seconds({ env: { AWS_ASSUME_ROLE_TTL: "1" } }), 7200);
});

Deno.test("resolveProfile() drops a source_profile that is the profile itself", () => {
  assert.deepEqual(chain("[profile a]\nsource_profile = a\nrole_arn = r\n"), [{
    ...bare,
    roleArn: "r",
  }]);
});

Deno.test("resolveProfile() names file and line of what it cannot understand", () => {
  const cases: [text: string, message: string][] = [
    [
      "\n[profile a]\nnonsense\n",
      '/config:3: a line is neither a section, nor "name = value", nor a comment',
    ],
    ["region = r\n", "/config:1: there is a line before the first section"],
    [
      "[profile a]\r\nduration_seconds = 5m",
      '/config:2: duration_seconds: "5m" is not a whole number of seconds',
    ],
    [
      "[profile a]\nuse_fips_endpoint = 1",
      '/config:2: use_fips_endpoint: "1" is neither "true" nor "false"',
    ],
    [
      "[profile a]\naws_vault_no_session = x",
      '/config:2: aws_vault_no_session: "x" is neither "true" nor "false"',
    ],
    [
      "[profile a]\nsession_tags = k",
      "/config:2: session_tags: tags have the form key=value,key=value",
    ],
    [
      "[profile a]\nregion =\n  x = y",
      '/config:2: "region" has a block of indented lines as its value',
    ],
    ["[profile a]\ns3 =\n  x = y\n  z", '/config:4: a line of the block under "s3" has no "="'],
    [
      "[profile a]\nsts_regional_endpoints=x",
      '/config:2: sts_regional_endpoints: "x" is not one of regional, legacy',
    ],
    ["[profile a]\nservices = s", "/config:2: there is no section [services s]"],
    [
      "[profile a]\nendpoint_url = localhost",
      '/config:2: endpoint_url: "localhost" is not an http or https URL',
    ],
    [
      "[profile a]\ninclude_profile = b\n[profile b]\ninclude_profile = a",
      '/config:4: "a" refers back to itself through include_profile: a → b → a',
    ],
    [
      "[profile a]\ninclude_profile = b\n[profile b]\nparent_profile = b",
      '/config:4: "a" refers back to itself through parent_profile: a → b → b',
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => resolve(text), bad(`Cannot read ${message}`), text);
  }
});

Deno.test("resolveProfile() names a variable that it cannot understand", () => {
  assert.throws(
    () => resolve("", { env: { AWS_SESSION_TAGS: "k" } }),
    bad("Cannot understand AWS_SESSION_TAGS: tags have the form key=value,key=value", "bad-usage"),
  );
  assert.throws(
    () => resolve("", { env: { AWS_USE_FIPS_ENDPOINT: "yes" } }),
    bad(
      'Cannot understand AWS_USE_FIPS_ENDPOINT: "yes" is neither "true" nor "false"',
      "bad-usage",
    ),
  );
});

Deno.test("resolveProfile() does not mind a mistake in a section that is not needed", () => {
  assert.deepEqual(resolve("[profile a]\nregion = r\n[profile b]\nnonsense\n"), {
    ...bare,
    region: "r",
  });
});

Deno.test("resolveChain() follows source_profile to its end", () => {
  const text = "[profile c]\nmfa_serial = m\n[profile b]\nsource_profile=c\nrole_arn = rb\n" +
    "[profile a]\nsource_profile = b\nrole_arn = ra\n";
  assert.deepEqual(chain(text), [
    { ...bare, roleArn: "ra", sourceProfile: "b" },
    { ...bare, name: "b", roleArn: "rb", sourceProfile: "c" },
    { ...bare, name: "c", mfaSerial: "m" },
  ]);
});

Deno.test("resolveChain() names the way round of a loop", () => {
  const text = "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = c\n" +
    "[profile c]\nsource_profile = b\n";
  assert.throws(() => chain(text), {
    ...bad(
      'Cannot read /config:6: "a" refers back to itself through source_profile: a → b → c → b',
    ),
    hints: ["Remove one source_profile of this loop"],
  });
});

const ENDPOINTS = "[profile a]\nendpoint_url = https://general\nservices = s\n" +
  "[services s]\nsts =\n  endpoint_url = https://sts\niam =\n  region = x\n";

Deno.test("resolveProfile() resolves endpoint URLs in the order of botocore", () => {
  const urls = (env: Record<string, string>) => resolve(ENDPOINTS, { env }).endpoint;
  const rest = { useFips: false, useDualstack: false };
  assert.deepEqual(urls({}), {
    endpointUrl: "https://general",
    stsEndpointUrl: "https://sts",
    serviceUrls: { AWS_ENDPOINT_URL_STS: "https://sts" },
    ...rest,
  });
  // The general variable goes before the service's setting: there is no URL of STS's own then.
  assert.deepEqual(urls({ AWS_ENDPOINT_URL: "https://env" }), {
    endpointUrl: "https://env",
    ...rest,
  });
  assert.deepEqual(urls({ AWS_ENDPOINT_URL: "https://env", AWS_ENDPOINT_URL_IAM: "https://iam" }), {
    endpointUrl: "https://env",
    iamEndpointUrl: "https://iam",
    ...rest,
  });
});

Deno.test("resolveProfile() ignores all configured URLs on request", () => {
  const env = { AWS_ENDPOINT_URL: "https://env", AWS_ENDPOINT_URL_STS: "nonsense" };
  const none = { useFips: false, useDualstack: false };
  const text = ENDPOINTS.replace("[services", "ignore_configured_endpoint_urls = true\n[services");
  assert.deepEqual(resolve(text, { env }).endpoint, none);
  assert.deepEqual(
    resolve(ENDPOINTS, { env: { ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "True" } }).endpoint,
    none,
  );
});

Deno.test("resolveProfile() takes plain http on this machine, and where it is allowed by name", () => {
  const urlOf = (endpointUrl: string, env: Record<string, string> = {}) =>
    resolve(`[profile a]\nendpoint_url = ${endpointUrl}\n`, { env }).endpoint.endpointUrl;
  const local = [
    "127.0.0.1:4566",
    "127.9.9.9",
    "[::1]:80",
    "localhost",
    "LOCALHOST",
  ];
  for (const host of local) assert.equal(urlOf(`http://${host}/`), `http://${host}/`);
  const elsewhere = [
    "10.0.0.1",
    "sts.amazonaws.com",
    "localhost.example.com",
    "localhost.",
    "sts.localhost",
    "127.0.0.1.example.com",
    "[::ffff:a00:1]",
    "localhost@example.com",
  ];
  for (const host of elsewhere) {
    assert.throws(() => urlOf(`http://${host}/`), { code: "bad-config" }, host);
  }
  const allowed = { AWS_VAULT_ALLOW_HTTP: "other, LocalStack" };
  assert.equal(urlOf("http://localstack:4566", allowed), "http://localstack:4566");
  assert.throws(() => urlOf("http://stack", allowed), {
    message:
      'Cannot read /config:2: endpoint_url: "http://stack" is not encrypted and not on this machine; ' +
      "use https, or allow it with AWS_VAULT_ALLOW_HTTP=stack",
  });
  assert.throws(() => resolve("", { env: { AWS_ENDPOINT_URL_STS: "http://stack" } }), {
    code: "bad-usage",
  });
});
