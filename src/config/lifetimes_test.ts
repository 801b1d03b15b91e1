import assert from "node:assert/strict";
import { resolveLifetimes } from "./lifetimes.ts";

const envOf = (all: Record<string, string>) => ({
  get: (name: string) => all[name],
  all: () => all,
});

Deno.test("resolveLifetimes() has aws-vault's defaults", () => {
  assert.deepEqual(resolveLifetimes(envOf({ AWS_MIN_TTL: "" }), {}), {
    sessionSeconds: 3600,
    chainedSessionSeconds: 28_800,
    federationSeconds: 3600,
    minTtlSeconds: 300,
  });
});

Deno.test("resolveLifetimes() takes the flag before the variables, but not for chained sessions", () => {
  const env = envOf({
    AWS_SESSION_TOKEN_TTL: "2h",
    AWS_CHAINED_SESSION_TOKEN_TTL: "12h",
    AWS_FEDERATION_TOKEN_TTL: "3h",
    AWS_MIN_TTL: "0",
  });
  const rest = { chainedSessionSeconds: 43_200, minTtlSeconds: 0 };
  assert.deepEqual(resolveLifetimes(env, {}), {
    sessionSeconds: 7200,
    federationSeconds: 10_800,
    ...rest,
  });
  assert.deepEqual(resolveLifetimes(env, { durationSeconds: 900 }), {
    sessionSeconds: 900,
    federationSeconds: 900,
    ...rest,
  });
});

Deno.test("resolveLifetimes() passes over a variable that is not a duration, and says so", () => {
  const said: string[] = [];
  const env = envOf({ AWS_CHAINED_SESSION_TOKEN_TTL: "8", AWS_MIN_TTL: "900" });
  const lifetimes = resolveLifetimes(env, {}, (text) => said.push(text));
  assert.deepEqual([lifetimes.chainedSessionSeconds, lifetimes.minTtlSeconds], [28_800, 300]);
  assert.deepEqual(said, [
    'AWS_CHAINED_SESSION_TOKEN_TTL is ignored: "8" is not a duration such as 1h30m or 900s',
    'AWS_MIN_TTL is ignored: "900" is not a duration such as 1h30m or 900s',
  ]);
});
