import type { Env } from "../host.ts";
import { type ConfigFile, resolveProfile } from "./profile.ts";

const PLACE = ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"] as const;

/**
 * The environment without what an `exec` around this one put in from its profile's settings.
 *
 * `exec` sets the region and endpoint of its profile for its child. For a run inside of it those
 * are another profile's settings, not what the person requests, and as variables they would win
 * over the config file of the requested profile. A value that differs from the outer profile's
 * settings was set by somebody else, and stays.
 */
export function withoutOuterExec(
  env: Env,
  config: ConfigFile,
  sourceSettings: readonly string[],
): Env {
  const outerName = env.get("AWS_VAULT");
  if (!outerName) return env;
  const bare = hide(env, PLACE);
  const outer = resolveProfile(config, outerName, {
    env: bare,
    activeProfile: outerName,
    flags: {},
    sourceSettings,
  });
  const expected = {
    AWS_REGION: outer.region,
    AWS_DEFAULT_REGION: outer.region,
    AWS_ENDPOINT_URL: outer.endpoint.endpointUrl,
  };
  return hide(env, PLACE.filter((name) => env.get(name) === expected[name]));
}

function hide(env: Env, names: readonly string[]): Env {
  return {
    get: (name) => names.includes(name) ? undefined : env.get(name),
    all: () =>
      Object.fromEntries(Object.entries(env.all()).filter(([name]) => !names.includes(name))),
  };
}
