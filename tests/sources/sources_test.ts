import assert from "node:assert/strict";
import { writeStoredKey } from "../../src/credentials/long_term_key.ts";
import type { CredentialSource } from "../../src/credentials/source.ts";
import { CREDENTIAL_PROCESS } from "../../src/credentials/sources/credential_process.ts";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import { IDENTITY_CENTER } from "../../src/credentials/sources/identity_center.ts";
import { CREDENTIAL_SOURCE } from "../../src/credentials/sources/credential_source.ts";
import { LOGIN_SESSION } from "../../src/credentials/sources/login_session.ts";
import { tokenFingerprint } from "../../src/credentials/sources/token_fingerprint.ts";
import {
  SHARED_KEY,
  SHARED_SESSION,
} from "../../src/credentials/sources/shared_credentials_file.ts";
import { STORED_KEY } from "../../src/credentials/sources/stored_key.ts";
import { WEB_IDENTITY } from "../../src/credentials/sources/web_identity.ts";
import { Secret } from "../../src/secret.ts";
import { ANYWHERE_CASES } from "./anywhere_cases.ts";
import { SAML_CASE } from "./saml_case.ts";
import { type SourceCase, testSource } from "./source_contract.ts";
import { on, set, setEnv, type Stage, stage } from "./stage.ts";

const ROLE = "arn:aws:iam::111122223333:role/deploy";

const OUTPUT = JSON.stringify({
  Version: 1,
  AccessKeyId: "ASIAEXAMPLE",
  SecretAccessKey: "program-secret",
});

const program = (stage: Stage, path = "program") =>
  stage.write(path, `#!/bin/sh\necho '${OUTPUT}'\n`);

const asUser = (user: string) =>
  on((stage) => {
    stage.user = user;
  });

const storedKey: SourceCase = {
  source: STORED_KEY,
  scene: () =>
    stage(async ({ keyring, keys }) => {
      keys.add("p");
      const secretAccessKey = new Secret("stored-secret");
      await writeStoredKey(keyring, "p", { accessKeyId: "AKIAEXAMPLE", secretAccessKey });
    }),
  changes: {
    "a replaced key": on(async (stage) => {
      const cache = await stage.deps.cache();
      await cache.raiseGeneration("p", stage.keyring);
      cache.close();
    }),
  },
};

/** A credentials file with one section, `p`. */
const writeShared = (stage: Stage, lines: Record<string, string>) => {
  const text = Object.entries(lines).map(([name, value]) => `${name} = ${value}\n`).join("");
  stage.env["AWS_SHARED_CREDENTIALS_FILE"] = stage.write("credentials", `[p]\n${text}`);
};

const KEY = { aws_access_key_id: "AKIAEXAMPLE", aws_secret_access_key: "shared-secret" };

const sharedKey: SourceCase = {
  source: SHARED_KEY,
  scene: () => stage((stage) => writeShared(stage, KEY)),
  changes: {
    "another key": on((stage) => writeShared(stage, { ...KEY, aws_access_key_id: "AKIAOTHER" })),
    "another secret": on((stage) => writeShared(stage, { ...KEY, aws_secret_access_key: "x" })),
  },
  same: {
    "another file with the same key": on((stage) => {
      const copy = stage.write("copy", Deno.readTextFileSync(`${stage.folder}/credentials`));
      stage.env["AWS_SHARED_CREDENTIALS_FILE"] = copy;
    }),
  },
};

const sharedSession: SourceCase = {
  source: SHARED_SESSION,
  scene: () => stage((stage) => writeShared(stage, { ...KEY, aws_session_token: "token" })),
  changes: {
    "another key": on((stage) =>
      writeShared(stage, { ...KEY, aws_access_key_id: "ASIAOTHER", aws_session_token: "token" })
    ),
    "another token": on((stage) => writeShared(stage, { ...KEY, aws_security_token: "other" })),
  },
};

const fromEnvironment: SourceCase = {
  source: CREDENTIAL_SOURCE,
  scene: () =>
    stage(({ settings, env }) => {
      settings["credential_source"] = "Environment";
      env["AWS_ACCESS_KEY_ID"] = "ASIAEXAMPLE";
      env["AWS_SECRET_ACCESS_KEY"] = "environment-secret";
      env["AWS_SESSION_TOKEN"] = "token";
    }),
  changes: {
    "the access key": setEnv("AWS_ACCESS_KEY_ID", "ASIAOTHER"),
    "the secret": setEnv("AWS_SECRET_ACCESS_KEY", "other"),
    "the token": setEnv("AWS_SESSION_TOKEN", "other"),
  },
};

const fromMachine: SourceCase = {
  source: { ...CREDENTIAL_SOURCE, kind: "credential_source (Ec2InstanceMetadata)" },
  scene: () =>
    stage(({ settings, env, aws }) => {
      settings["credential_source"] = "Ec2InstanceMetadata";
      env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = aws.url;
      env["AWS_METADATA_SERVICE_TIMEOUT"] = "60";
      aws.world.machine.change({ v2: "only" });
    }),
  changes: {
    "the machine's role": on(({ aws }) => aws.world.machine.change({ role: "other" })),
    "the machine's credentials": on(({ aws }) => aws.world.machine.change({})),
  },
  same: {
    "an ended token": on(({ aws }) => aws.world.machine.endTokens()),
    "a machine that has version 1 only": on(({ aws }) => {
      aws.world.machine.spec = { v2: "none" };
    }),
    "a role that need not be asked for": setEnv("AWS_EC2_INSTANCE_PROFILE_NAME", "machine"),
  },
};

const fromContainer: SourceCase = {
  source: { ...CREDENTIAL_SOURCE, kind: "credential_source (EcsContainer)" },
  scene: () =>
    stage((stage) => {
      const { settings, env, aws } = stage;
      settings["credential_source"] = "EcsContainer";
      env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = `${aws.url}/container`;
      env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = stage.write("token", "token-of-the-file");
      env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "token-that-is-not-asked-for";
      aws.world.machine.change({ containerToken: "token-of-the-file" });
    }),
  changes: {
    "the container's credentials": on(({ aws }) => aws.world.machine.change({})),
  },
  same: {
    "another token": on((stage) => {
      stage.write("token", "another");
      stage.aws.world.machine.spec = { containerToken: "another" };
    }),
  },
};

const credentialProcess: SourceCase = {
  source: CREDENTIAL_PROCESS,
  scene: () =>
    stage((stage) => {
      program(stage);
      Deno.mkdirSync(`${stage.folder}/other`);
      program(stage, "other/program");
      stage.env["PATH"] = `${stage.folder}:${stage.env["PATH"]}`;
      stage.settings["credential_process"] = "program --for p";
    }),
  changes: {
    "the command line": on((stage) => {
      stage.settings["credential_process"] += "x";
    }),
    "a name that is another program in another PATH": on(({ env, folder }) => {
      env["PATH"] = `${folder}/other:${env["PATH"]}`;
    }),
    "the user": asUser("1001"),
    "a named variable that is set": on(({ settings, env }) => {
      settings["aws_vault_cache_env"] = "TENANT";
      env["TENANT"] = "b";
    }),
    "a named variable that is empty": on(({ settings, env }) => {
      settings["aws_vault_cache_env"] = "TENANT";
      env["TENANT"] = "";
    }),
  },
  same: { "a variable that is not named": setEnv("OTHER", "x") },
  uncached: {
    "a program by a relative path": set("credential_process", "./program"),
    "an argument that is a file of this folder": set("credential_process", "cat deno.json"),
    "a file of this folder in a line for a shell": set(
      "credential_process",
      "sh -c 'cat deno.json'",
    ),
    "a relative path in a line for a shell": set("credential_process", "sh -c 'cat ./none'"),
    "a relative path as a flag's value": set("credential_process", "cat --file=../none"),
  },
};

const token = (stage: Stage, claims: Record<string, unknown> = {}) =>
  stage.write("token", stage.aws.webIdentityToken({ sub: "repo:a", ...claims }));

/** A token that no provider signed; the fingerprint does not look at the signature. */
const unsigned = (claims: string) =>
  `e30.${
    new TextEncoder().encode(claims).toBase64({ alphabet: "base64url", omitPadding: true })
  }.x`;

const webIdentity: SourceCase = {
  source: WEB_IDENTITY,
  scene: () =>
    stage((stage) => {
      stage.settings["role_arn"] = ROLE;
      stage.settings["web_identity_token_file"] = token(stage);
    }),
  changes: {
    "the token's subject": on((stage) => void token(stage, { sub: "repo:b" })),
    "the token's issuer": on((stage) => void token(stage, { iss: "https://other.example" })),
    "the token's audience": on((stage) => void token(stage, { aud: "other" })),
    "any other claim": on((stage) => void token(stage, { job_workflow_ref: "main" })),
    "the session tags": on((stage) =>
      void token(stage, { "https://aws.amazon.com/tags": { principal_tags: { team: ["b"] } } })
    ),
    "a token that is not a JWT": on((stage) => void stage.write("token", "opaque")),
    "the role": set("role_arn", `${ROLE}2`),
    "the session's name": set("role_session_name", "me"),
    "the partition": setEnv("AWS_REGION", "us-gov-west-1"),
    "the endpoint": setEnv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
    "a file that now is a program's output": on((stage) => {
      delete stage.settings["web_identity_token_file"];
      const other = stage.aws.webIdentityToken({ sub: "repo:b" });
      stage.settings["web_identity_token_process"] = stage.write("p", `#!/bin/sh\necho ${other}\n`);
    }),
  },
  same: { "a fresh token of the same identity": on((stage) => void token(stage)) },
};

/** The same for a profile that names what its program depends on. */
const namedWebIdentity: SourceCase = {
  source: { ...WEB_IDENTITY, kind: "AssumeRoleWithWebIdentity (aws_vault_cache_env)" },
  scene: () =>
    stage((stage) => {
      const own = stage.aws.webIdentityToken({ sub: "repo:a" });
      stage.settings["role_arn"] = ROLE;
      stage.settings["web_identity_token_process"] = stage.write("p", `#!/bin/sh\necho ${own}\n`);
      stage.settings["aws_vault_cache_env"] = "TENANT";
    }),
  changes: {
    "the command line": on((stage) => {
      stage.settings["web_identity_token_process"] += " x";
    }),
    "the named variable": setEnv("TENANT", "b"),
    "the user": asUser("1001"),
    "the role": set("role_arn", `${ROLE}2`),
  },
};

/** By a code, which the person at the fake AWS confirms at once. */
const identityCenter: SourceCase = {
  source: IDENTITY_CENTER,
  scene: () =>
    stage((stage) => {
      stage.aws.world.identityCenter.change({ intervalSeconds: 0 });
      stage.sections["sso-session corp"] = {
        sso_start_url: "https://corp.awsapps.com/start",
        sso_region: "us-east-1",
      };
      stage.settings["sso_session"] = "corp";
      stage.settings["sso_account_id"] = "111122223333";
      stage.settings["sso_role_name"] = "Admin";
    }),
  changes: {
    "the account": set("sso_account_id", "444455556666"),
    "the role": set("sso_role_name", "ReadOnly"),
    "another session of the same portal": on(({ sections, settings }) => {
      sections["sso-session other"] = sections["sso-session corp"]!;
      settings["sso_session"] = "other";
    }),
    "the start URL": inSession("sso_start_url", "https://other.awsapps.com/start"),
    "the region": inSession("sso_region", "us-gov-west-1"),
    "the scopes": inSession("sso_registration_scopes", "sso:account:access,codewhisperer:analysis"),
    "the endpoint": setEnv("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1"),
    "the endpoint of tokens": setEnv("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:1"),
    "a login or logout": on(async ({ deps }) => {
      const cache = await deps.cache();
      cache.count("sso-login:corp:https://corp.awsapps.com/start");
      cache.close();
    }),
  },
  same: {
    "the profile's own copy of the start URL": set(
      "sso_start_url",
      "https://corp.awsapps.com/start",
    ),
    "the profile's region": setEnv("AWS_REGION", "eu-west-1"),
  },
};

const ANN = "arn:aws:iam::111122223333:user/ann";

/** In a browser that is a program here. */
const loginSession: SourceCase = {
  source: LOGIN_SESSION,
  scene: () =>
    stage((stage) => {
      stage.settings["login_session"] = ANN;
      const browser = stage.write("browser", '#!/bin/sh\nexec curl -sL "$1" > /dev/null\n');
      stage.env["AWS_VAULT_BROWSER"] = browser;
    }),
  changes: {
    "the person": set("login_session", "arn:aws:iam::111122223333:user/bob"),
    "the region": setEnv("AWS_REGION", "eu-west-1"),
    "the endpoint": setEnv("AWS_ENDPOINT_URL_SIGNIN", "http://127.0.0.1:1"),
    "a login or logout": on(async ({ deps }) => {
      const cache = await deps.cache();
      cache.count(`login-session:${ANN}`);
      cache.close();
    }),
  },
};

function inSession(name: string, value: string) {
  return on(({ sections }) => {
    sections["sso-session corp"]![name] = value;
  });
}

Deno.test("two tokens with numbers that are read as one are two", () => {
  const [a, b] = ["9007199254740992", "9007199254740993"].map((run) =>
    tokenFingerprint(new Secret(unsigned(`{"sub":"repo:a","run":${run}}`)))
  );
  assert.notDeepEqual(a, b);
});

const CASES = [
  loginSession,
  fromEnvironment,
  fromMachine,
  fromContainer,
  storedKey,
  sharedKey,
  sharedSession,
  credentialProcess,
  webIdentity,
  namedWebIdentity,
  identityCenter,
  ...ANYWHERE_CASES,
  SAML_CASE,
];
for (const one of CASES) testSource(one);

Deno.test("every source has its cases, and no two are of one kind", () => {
  const kinds = SOURCES.map(({ kind }) => kind);
  assert.equal(new Set(kinds).size, kinds.length);
  const covered = new Set<CredentialSource>(CASES.map(({ source }) => source));
  assert.deepEqual(SOURCES.filter((row) => !covered.has(row)).map(({ kind }) => kind), []);
});
