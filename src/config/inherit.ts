/** The sections of the config file from which a profile takes its settings, in this order. */

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
 * Settings that decide whose credentials a profile gives, besides those of the sources.
 *
 * None of them is taken from a `[default]` that the profile does not name: a profile with its own
 * key would silently become a role or a login of another account
 * (https://github.com/99designs/aws-vault/issues/1195). An explicit `include_profile = default`
 * does take them.
 */
const NEVER_FROM_DEFAULT: ReadonlySet<string> = new Set([
  "role_arn",
  "source_profile",
  "external_id",
  "aws_account_id",
  "aws_vault_root_task_policy",
]);

/**
 * The settings that a profile takes from a `[default]` that it does not name, by key; `own` is that
 * of {@linkcode settingsOf}.
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
  /** The first non-empty setting of the key. */
  get(key: string): Setting | undefined;
  /** The same as text; throws `bad-config` if it is a nested block. */
  getText(key: string): TextSetting | undefined;
  /** The name of the profile whose section contains that setting. */
  holderOf(key: string): string | undefined;
}

/**
 * Finds the settings of a profile: those of its section, then those of its `include_profile` (or
 * the older `parent_profile`) and further includes, then those of `[default]`. Missing sections
 * count as empty. `own` names more settings that never come from an implicit `[default]`. Throws
 * `bad-config` if includes form a circle.
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
