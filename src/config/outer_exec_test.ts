import assert from "node:assert/strict";
import type { Env } from "../host.ts";
import { withoutOuterExec } from "./outer_exec.ts";
import { openConfig } from "./profile.ts";

const CONFIG = openConfig(
  "[profile outer]\nregion = eu-west-1\n[profile inner]\nregion = us-west-2\n",
  "config",
);

function seen(variables: Record<string, string>): Readonly<Record<string, string>> {
  const env: Env = { get: (name) => variables[name], all: () => variables };
  return withoutOuterExec(env, CONFIG, []).all();
}

Deno.test("withoutOuterExec() hides the region that the outer exec set", () => {
  const variables = {
    AWS_VAULT: "outer",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
  };
  assert.deepEqual(seen(variables), { AWS_VAULT: "outer" });
});

Deno.test("withoutOuterExec() hides endpoints, certificates and switches that the outer exec set", () => {
  const config = openConfig(
    "[profile outer]\nca_bundle = /ca\nuse_fips_endpoint = true\nservices = s\n" +
      "[services s]\ns3 =\n  endpoint_url = https://s3.test\n",
    "config",
  );
  const variables = {
    AWS_VAULT: "outer",
    AWS_CA_BUNDLE: "/ca",
    AWS_USE_FIPS_ENDPOINT: "true",
    AWS_ENDPOINT_URL_S3: "https://s3.test",
    AWS_ENDPOINT_URL_SQS: "https://sqs.test",
  };
  const env: Env = {
    get: (name) => (variables as Record<string, string>)[name],
    all: () => variables,
  };
  assert.deepEqual(withoutOuterExec(env, config, []).all(), {
    AWS_VAULT: "outer",
    AWS_ENDPOINT_URL_SQS: "https://sqs.test",
  });
});

Deno.test("withoutOuterExec() keeps a region that somebody else set", () => {
  const variables = {
    AWS_VAULT: "outer",
    AWS_REGION: "ap-south-1",
    AWS_DEFAULT_REGION: "eu-west-1",
  };
  assert.deepEqual(seen(variables), { AWS_VAULT: "outer", AWS_REGION: "ap-south-1" });
});

Deno.test("withoutOuterExec() keeps everything outside an exec", () => {
  assert.deepEqual(seen({ AWS_REGION: "eu-west-1" }), { AWS_REGION: "eu-west-1" });
});
