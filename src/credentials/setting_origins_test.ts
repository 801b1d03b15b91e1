import assert from "node:assert/strict";
import { openConfig, resolveProfile } from "../config/profile.ts";
import { describeSettings } from "./setting_origins.ts";

const CONFIG = `
[default]
region = eu-west-1
role_arn = arn:aws:iam::111122223333:role/nobody
[profile base]
mfa_serial = arn:aws:iam::111122223333:mfa/a
duration_seconds = 5400
sso_session = corp
[profile a]
include_profile = base
external_id = x
mfa_process = totp --seed hunter2
ca_bundle =
`;

interface Given {
  readonly env?: Record<string, string>;
  readonly flags?: Record<string, string>;
}

function settings({ env = {}, flags = {} }: Given = {}) {
  const scene = {
    config: openConfig(CONFIG, "/config"),
    env: { get: (name: string) => env[name], all: () => env },
    flags,
    sourceSettings: ["sso_session", "sso_start_url"],
    backend: "file",
  };
  const found = describeSettings("a", scene);
  return { scene, lines: found.map(({ name, value, from }) => `${name}=${value} ${from}`) };
}

Deno.test("describeSettings() names the line, the profile behind it, and defaults", () => {
  assert.deepEqual(settings().lines, [
    'region=eu-west-1 /config:3, inherited from profile "default"',
    "include_profile=base /config:10",
    "external_id=x /config:11",
    'duration_seconds=1h30m /config:7, inherited from profile "base"',
    'mfa_serial=arn:aws:iam::111122223333:mfa/a /config:6, inherited from profile "base"',
    "mfa_process=totp … /config:12",
    "sts_regional_endpoints=regional default",
    'sso_session=corp /config:8, inherited from profile "base"',
    "AWS_SESSION_TOKEN_TTL=1h default",
    "AWS_CHAINED_SESSION_TOKEN_TTL=8h default",
    "AWS_MIN_TTL=5m default",
    "AWS_VAULT_BACKEND=file default",
  ]);
});

Deno.test("describeSettings() puts flags before variables, and variables before the file", () => {
  const env = {
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-2",
    AWS_MFA_SERIAL: "arn:aws:iam::111122223333:mfa/b",
    AWS_ASSUME_ROLE_TTL: "forever",
    AWS_MIN_TTL: "0",
    AWS_CA_BUNDLE: "/ca.pem",
  };
  assert.deepEqual(settings({ env, flags: { "--region": "sa-east-1" } }).lines, [
    "region=sa-east-1 flag --region",
    "include_profile=base /config:10",
    "external_id=x /config:11",
    'duration_seconds=1h30m /config:7, inherited from profile "base"',
    "mfa_serial=arn:aws:iam::111122223333:mfa/b variable AWS_MFA_SERIAL",
    "mfa_process=totp … /config:12",
    "sts_regional_endpoints=regional default",
    "ca_bundle=/ca.pem variable AWS_CA_BUNDLE",
    'sso_session=corp /config:8, inherited from profile "base"',
    "AWS_SESSION_TOKEN_TTL=1h default",
    "AWS_CHAINED_SESSION_TOKEN_TTL=8h default",
    "AWS_MIN_TTL=0s variable AWS_MIN_TTL",
    "AWS_VAULT_BACKEND=file default",
  ]);
});

Deno.test("describeSettings() says what resolveProfile() takes, whatever is set", () => {
  const values: Record<string, string> = {
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-2",
    AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/r",
    AWS_MFA_SERIAL: "arn:aws:iam::111122223333:mfa/b",
    AWS_ROLE_SESSION_NAME: "me",
    AWS_SOURCE_IDENTITY: "ann",
    AWS_CA_BUNDLE: "/ca.pem",
    AWS_ENDPOINT_URL: "https://aws.example.com",
  };
  const names = Object.keys(values);
  for (let set = 0; set < 2 ** names.length; set++) {
    const chosen = names.filter((_, i) => set & (1 << i));
    const env = Object.fromEntries(chosen.map((name) => [name, values[name]!]));
    const { scene } = settings({ env });
    const profile = resolveProfile(scene.config, "a", { ...scene, activeProfile: "a", flags: {} });
    const described = new Map(describeSettings("a", scene).map(({ name, value }) => [name, value]));
    assert.deepEqual(
      [
        profile.region,
        profile.roleArn,
        profile.mfaSerial,
        profile.roleSessionName,
        profile.sourceIdentity,
        profile.caBundle,
        profile.endpoint.endpointUrl,
        profile.externalId,
      ],
      [
        "region",
        "role_arn",
        "mfa_serial",
        "role_session_name",
        "source_identity",
        "ca_bundle",
        "endpoint_url",
        "external_id",
      ].map((name) => described.get(name)),
    );
  }
});
