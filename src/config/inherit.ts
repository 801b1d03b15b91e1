/** Which sections of the config file a profile takes its settings from, and in which order. */

import type { ConfigFile, Setting } from "./config_file.ts";
import {
  asText,
  findIn,
  findSetting,
  type FoundSetting,
  includesOf,
  type TextSetting,
} from "./include_chain.ts";

export { loopError, type TextSetting } from "./include_chain.ts";

/**
 * Settings that say whose credentials a profile gives, besides those of the sources of credentials.
 *
 * None of them is taken from a `[default]` that the profile does not name: a profile that is meant to
 * have its own key would silently become a role or a login of another account
 * (https://github.com/99designs/aws-vault/issues/1195). An explicit `include_profile = default` does
 * take them.
 */
const NEVER_FROM_DEFAULT: ReadonlySet<string> = new Set([
  "role_arn",
  "source_profile",
  "external_id",
  "aws_account_id",
  "aws_vault_root_task_policy",
]);

/**
 * What a profile takes from a `[default]` that it does not name, by key; `own` is that of
 * {@linkcode settingsOf}.
 */
export function implicitDefault(
  config: ConfigFile,
  own: readonly string[],
): (key: string) => Setting | undefined {
  const section = config.profile("default");
  return (key) =>
    section === undefined || NEVER_FROM_DEFAULT.has(key) || own.includes(key)
      ? undefined
      : findIn(section, key)?.setting;
}

/** The settings of a profile: its own, then those of what it includes, then those of `[default]`. */
export interface ProfileSettingsSource {
  /** The first setting of the key that is not empty. */
  get(key: string): Setting | undefined;
  /** The same as text; throws `bad-config` where it is a nested block. */
  getText(key: string): TextSetting | undefined;
  /** The name of the profile whose section has that setting. */
  holderOf(key: string): string | undefined;
}

/**
 * Finds where a profile's settings come from: its section, its `include_profile` (or the older
 * `parent_profile`) and that one's in turn, and at the end `[default]`. Sections that do not exist are
 * empty. `own` names more settings that never come from an implicit `[default]`. Throws `bad-config`
 * where includes go round in a circle.
 */
export function settingsOf(
  config: ConfigFile,
  name: string,
  own: readonly string[] = [],
): ProfileSettingsSource {
  const chain = includesOf(config, name);
  const implicitDefault = chain.hasDefault ? undefined : config.profile("default");
  const find = (key: string): FoundSetting | undefined => {
    const found = findSetting(chain, key);
    if (found !== undefined || NEVER_FROM_DEFAULT.has(key) || own.includes(key)) return found;
    return findIn(implicitDefault, key);
  };
  return {
    get: (key) => find(key)?.setting,
    getText: (key) => asText(find(key)?.setting),
    holderOf: (key) => find(key)?.holder,
  };
}
