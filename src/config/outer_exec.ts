import type { Env } from "../host.ts";
import { type ConfigFile, resolveProfile } from "./profile.ts";
import { isSettingVariable, settingVariables } from "./setting_variables.ts";

/**
 * The environment without the variables that an outer `exec` set from its profile's settings.
 *
 * `exec` sets the region and endpoints of its profile for its child. For an invocation inside it
 * those are another profile's settings, not what the person requests, and as variables they would
 * take precedence over the config file of the requested profile. A value that differs from the
 * outer profile's settings was set by somebody else, and stays.
 */
export function withoutOuterExec(
  env: Env,
  config: ConfigFile,
  sourceSettings: readonly string[],
): Env {
  const outerName = env.get("AWS_VAULT");
  if (!outerName) return env;
  const outer = resolveProfile(config, outerName, {
    env: hide(env, isSettingVariable),
    activeProfile: outerName,
    flags: {},
    sourceSettings,
  });
  const expected: Readonly<Record<string, string>> = settingVariables(outer);
  return hide(env, (name) => Object.hasOwn(expected, name) && env.get(name) === expected[name]);
}

function hide(env: Env, isHidden: (name: string) => boolean): Env {
  return {
    get: (name) => isHidden(name) ? undefined : env.get(name),
    all: () => Object.fromEntries(Object.entries(env.all()).filter(([name]) => !isHidden(name))),
  };
}
