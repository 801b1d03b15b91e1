/** Which sections of the config file a profile takes its settings from, and in which order. */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { ConfigFile, Section, Setting } from "./config_file.ts";
import { plainSettings } from "./plain_settings.ts";

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
      : firstSet([section], key);
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

/** A setting that is a text. */
export interface TextSetting extends Setting {
  readonly value: string;
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
  const sections = includeChain(config, name);
  const implicitDefault = sections.has("default") ? undefined : config.profile("default");
  const explicit = [...sections.values()].filter((section) => section !== undefined);
  const layersOf = (key: string): readonly Section[] =>
    implicitDefault === undefined || NEVER_FROM_DEFAULT.has(key) || own.includes(key)
      ? explicit
      : [...explicit, implicitDefault];
  const get = (key: string) => firstSet(layersOf(key), key);
  return {
    get,
    getText: (key) => asText(get(key)),
    holderOf: (key) => layersOf(key).find((layer) => firstSet([layer], key) !== undefined)?.name,
  };
}

function includeChain(config: ConfigFile, name: string): Map<string, Section | undefined> {
  const chain = new Map<string, Section | undefined>();
  for (let next: string | undefined = name; next !== undefined;) {
    const section: Section | undefined = config.profile(next);
    chain.set(next, section);
    const include: TextSetting | undefined = section && includeOf(section);
    if (include !== undefined && chain.has(include.value)) {
      throw loopError(name, include, [...chain.keys(), include.value]);
    }
    next = include?.value;
  }
  return chain;
}

function includeOf(section: Section): TextSetting | undefined {
  return asText(firstSet([section], "include_profile") ?? firstSet([section], "parent_profile"));
}

function firstSet(sections: readonly Section[], key: string): Setting | undefined {
  for (const section of sections) {
    const setting = plainSettings(section).get(key);
    if (setting !== undefined && setting.value !== "") return setting;
  }
  return undefined;
}

function asText(setting: Setting | undefined): TextSetting | undefined {
  if (setting === undefined || typeof setting.value === "string") {
    return setting as TextSetting | undefined;
  }
  throw setting.bad(`"${setting.key}" has a block of indented lines as its value`);
}

/** A circle of more profiles is shown by its first ones and the last. */
const MOST_SHOWN = 9;

/** The error for profiles that lead back to themselves; `path` ends with the name that closes the circle. */
export function loopError(name: string, closing: Setting, path: readonly string[]): VaultError {
  const shown = path.length > MOST_SHOWN
    ? [...path.slice(0, MOST_SHOWN - 1), "…", ...path.slice(-1)]
    : path;
  const { message } = closing.bad(
    `${quote(name)} leads back to itself by ${closing.key}: ${shown.join(" → ")}`,
  );
  return new VaultError("bad-config", message, {
    hints: [`Remove one ${closing.key} of this circle`],
  });
}
