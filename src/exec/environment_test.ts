import assert from "node:assert/strict";
import { Secret } from "../secret.ts";
import { renderChildEnvironment } from "./environment.ts";

const CREDENTIALS = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: new Secret("secret"),
  sessionToken: new Secret("token"),
  expiration: Temporal.Instant.from("2026-01-01T00:00:00.987Z"),
};
const KEY = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: new Secret("secret") };
const LEFT_OVER = {
  PATH: "/bin",
  AWS_ACCESS_KEY_ID: "old",
  AWS_SECRET_ACCESS_KEY: "old",
  AWS_SESSION_TOKEN: "old",
  AWS_SECURITY_TOKEN: "old",
  AWS_CREDENTIAL_EXPIRATION: "old",
  AWS_CREDENTIAL_FILE: "old",
  AWS_PROFILE: "old",
  AWS_DEFAULT_PROFILE: "old",
  AWS_SDK_LOAD_CONFIG: "1",
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/old",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://old",
  AWS_CONTAINER_AUTHORIZATION_TOKEN: "old",
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "old",
  AWS_WEB_IDENTITY_TOKEN_FILE: "old",
  AWS_ROLE_ARN: "old",
  AWS_ROLE_SESSION_NAME: "old",
  AWS_VAULT: "outer",
  AWS_VAULT_FILE_PASSPHRASE: "own secret",
  AWS_VAULT_MFA_TOKEN: "123456",
  AWS_VAULT_BACKEND: "file",
  AWS_VAULT_KEYCHAIN_NAME: "login",
  AWS_VAULT_PASSPHRASE_COMMAND: "secret-tool lookup a b",
  AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME: "awsvault",
  AWS_VAULT_PASS_PASSWORD_STORE_DIR: "/store",
  AWS_CONFIG_FILE: "/config",
};
const KEPT = {
  PATH: "/bin",
  AWS_VAULT_BACKEND: "file",
  AWS_VAULT_KEYCHAIN_NAME: "login",
  AWS_VAULT_PASSPHRASE_COMMAND: "secret-tool lookup a b",
  AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME: "awsvault",
  AWS_VAULT_PASS_PASSWORD_STORE_DIR: "/store",
  AWS_CONFIG_FILE: "/config",
};

Deno.test("renderChildEnvironment() replaces everything that says who one is", () => {
  const env = renderChildEnvironment(LEFT_OVER, {
    profile: "work",
    settings: {
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_ENDPOINT_URL: "https://aws.test",
    },
    access: { kind: "credentials", credentials: CREDENTIALS },
  });
  assert.deepEqual(env, {
    ...KEPT,
    AWS_VAULT: "work",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_ENDPOINT_URL: "https://aws.test",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "token",
    AWS_SECURITY_TOKEN: "token",
    AWS_CREDENTIAL_EXPIRATION: "2026-01-01T00:00:00Z",
  });
});

Deno.test("renderChildEnvironment() with a long-term key leaves no token of another behind", () => {
  const parent = { ...LEFT_OVER, AWS_EC2_METADATA_DISABLED: "false", AWS_REGION: "us-east-2" };
  const access = { kind: "credentials", credentials: KEY } as const;
  assert.deepEqual(renderChildEnvironment(parent, { profile: "work", access, keepProfile: true }), {
    ...KEPT,
    AWS_PROFILE: "old",
    AWS_DEFAULT_PROFILE: "old",
    AWS_REGION: "us-east-2",
    AWS_VAULT: "work",
    AWS_EC2_METADATA_DISABLED: "false",
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
});

Deno.test("renderChildEnvironment() takes the account of old credentials away, and leaves a person's own", () => {
  const child = { profile: "work", access: { kind: "metadata" } } as const;
  const account = { AWS_ACCOUNT_ID: "111122223333" };
  assert.deepEqual(renderChildEnvironment({ ...account, AWS_ACCESS_KEY_ID: "old" }, child), {
    AWS_VAULT: "work",
  });
  assert.deepEqual(renderChildEnvironment(account, child), { ...account, AWS_VAULT: "work" });
});

Deno.test("renderChildEnvironment() names a server instead of credentials", () => {
  const access = {
    kind: "container",
    uri: "http://127.0.0.1:1234/",
    token: new Secret("Bearer x"),
  } as const;
  assert.deepEqual(renderChildEnvironment(LEFT_OVER, { profile: "work", access }), {
    ...KEPT,
    AWS_VAULT: "work",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1234/",
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "Bearer x",
  });
  const inFile = { ...access, token: { file: "/state/tokens/1" } };
  assert.deepEqual(renderChildEnvironment(LEFT_OVER, { profile: "work", access: inFile }), {
    ...KEPT,
    AWS_VAULT: "work",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1234/",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/state/tokens/1",
  });
});

Deno.test("renderChildEnvironment() lets SDKs reach a metadata server", () => {
  const parent = {
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://elsewhere",
    AWS_EC2_METADATA_V1_DISABLED: "true",
    AWS_EC2_INSTANCE_PROFILE_NAME: "other",
  };
  const metadata = { profile: "work", access: { kind: "metadata" } } as const;
  assert.deepEqual(renderChildEnvironment(parent, metadata), { AWS_VAULT: "work" });
  const endpoint = "http://127.0.0.1:9911";
  assert.deepEqual(
    renderChildEnvironment(parent, { profile: "work", access: { kind: "metadata", endpoint } }),
    { AWS_VAULT: "work", AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint },
  );
});

Deno.test("renderChildEnvironment() ignores case on Windows", () => {
  const parent = { aws_profile: "old", Aws_Region: "old", Path: "C:\\" };
  const access = { kind: "credentials", credentials: KEY } as const;
  const settings = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" };
  const child = { profile: "work", settings, access, ignoreCase: true };
  assert.deepEqual(renderChildEnvironment(parent, child), {
    Path: "C:\\",
    AWS_VAULT: "work",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
});

Deno.test("renderChildEnvironment() lets no proxy stand between the child and its server", () => {
  const parent = { http_proxy: "http://proxy.example:3128" };
  const exceptions = (access: Parameters<typeof renderChildEnvironment>[1]["access"]) =>
    renderChildEnvironment(parent, { profile: "work", access })["no_proxy"];
  const token = new Secret("token");
  assert.deepEqual([
    exceptions({ kind: "metadata" }),
    exceptions({ kind: "metadata", endpoint: "http://127.0.0.1:4000/" }),
    exceptions({ kind: "container", uri: "http://127.0.0.2:4000/", token }),
    exceptions({ kind: "container", uri: "http://[::1]:4000/", token }),
    exceptions({ kind: "profile", name: "work" }),
  ], ["169.254.169.254", "127.0.0.1", "127.0.0.2", "::1", undefined]);
});
