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

Deno.test("withoutOuterExec() keeps a region that somebody else set", () => {
  const variables = {
    AWS_VAULT: "outer",
    AWS_REGION: "ap-south-1",
    AWS_DEFAULT_REGION: "eu-west-1",
  };
  assert.deepEqual(seen(variables), { AWS_VAULT: "outer", AWS_REGION: "ap-south-1" });
});

Deno.test("withoutOuterExec() keeps everything outside of an exec", () => {
  assert.deepEqual(seen({ AWS_REGION: "eu-west-1" }), { AWS_REGION: "eu-west-1" });
});
