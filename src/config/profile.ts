/** The effective settings of a profile: flags, environment, config file and includes, combined. */

import type { VaultError } from "../errors.ts";
import type { Env } from "../host.ts";
import { quote } from "../text.ts";
import type { ConfigFile } from "./config_file.ts";
import { parseSeconds } from "../duration.ts";
import { type EndpointSettings, resolveEndpoint } from "./endpoint_settings.ts";
import { type GuardSettings, resolveGuards } from "./guard_settings.ts";
import { loopError, type ProfileSettingsSource, settingsOf } from "./inherit.ts";
import { type BrowserSettings, resolveBrowser } from "./browser_settings.ts";
import { durationFrom, type OnBadVariable } from "./lifetimes.ts";
import { type MetadataSettings, resolveMetadata } from "./metadata_settings.ts";
import { asBoolean, asList, asTags, asWord, fromEnv, fromSetting } from "./setting_values.ts";
import { resolveSso, type SsoProfile } from "./sso_settings.ts";

export { type ConfigFile, openConfig } from "./config_file.ts";
export { type Lifetimes, resolveLifetimes } from "./lifetimes.ts";

/** The settings of a profile. Empty values in the file count as absent. */
export interface Profile {
  readonly name: string;
  /** Whether the config file has a section of this name. */
  readonly isConfigured: boolean;
  readonly region?: string;
  readonly mfaSerial?: string;
  readonly mfaProcess?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly roleSessionName?: string;
  /** The lifetime of role credentials; absent: AWS's default, 3600. */
  readonly roleDurationSeconds?: number;
  /** The profile whose credentials assume the role; absent: the profile's own stored key. */
  readonly sourceProfile?: string;
  /** The profile's own settings of the sources, by name. */
  readonly sourceSettings: Readonly<Record<string, string>>;
  /** IAM Identity Center, if the profile's own settings name it; an error is left to those who use it. */
  readonly sso?: SsoProfile | VaultError;
  /** Variables that the credentials depend on besides the settings (`aws_vault_cache_env`). */
  readonly cacheEnv: readonly string[];
  readonly sessionTags: readonly { readonly key: string; readonly value: string }[];
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
  readonly endpoint: EndpointSettings;
  /** The path of a file of PEM certificates, as written. */
  readonly caBundle?: string;
  readonly accountId?: string;
  /** A task of the root user of the account (`aws_vault_root_task_policy`), its name or ARN. */
  readonly rootTaskPolicy?: string;
  /** Whether the stored key itself is handed out (`aws_vault_no_session = true`). */
  readonly noSession: boolean;
  /** How the instance metadata service is called, if credentials come from it. */
  readonly metadata?: MetadataSettings;
  /** The action for keys of the shared credentials file; absent: warn. */
  readonly staticKeys?: "warn" | "refuse";
  /** How the console opens (`aws_vault_browser` and others); absent if not set. */
  readonly browser?: BrowserSettings;
  /** The guard rails of its credentials; absent if it has none. */
  readonly guards?: GuardSettings;
}

/** The inputs of resolving a profile, besides the config file. */
export interface ProfileSettings {
  readonly env: Env;
  readonly flags: {
    readonly region?: string | undefined;
    readonly durationSeconds?: number | undefined;
  };
  /** The requested profile: some variables apply to it, not to its sources; absent: another one. */
  readonly activeProfile: string | undefined;
  /** The settings that make a profile the start of a chain; never inherited from `[default]`. */
  readonly sourceSettings: readonly string[];
  /** Receives the message about a variable that cannot be used. */
  readonly onBadVariable?: OnBadVariable | undefined;
}

/**
 * Resolves one profile, without its sources: flag before environment before the profile before its
 * includes before `[default]` (docs/formats.md, "Precedence").
 *
 * A profile without a section gets the settings of flags, environment and `[default]`. Throws
 * `bad-config` with file and line, and `bad-usage` with the variable, for invalid values.
 */
export function resolveProfile(
  config: ConfigFile,
  name: string,
  settings: ProfileSettings,
): Profile {
  const { env, flags } = settings;
  const source = settingsOf(config, name, settings.sourceSettings);
  const text = (key: string) => source.getText(key)?.value;
  const either = (variable: string, key: string) =>
    fromEnv(env, variable) ?? fromSetting(source.getText(key));
  const active = (variable: string, key: string) =>
    name === settings.activeProfile ? either(variable, key) : fromSetting(source.getText(key));
  const roleArn = active("AWS_ROLE_ARN", "role_arn")?.text;
  const sourceProfile = text("source_profile");

  return withoutAbsent<Profile>({
    name,
    isConfigured: config.hasProfile(name),
    region: flags.region || (fromEnv(env, "AWS_REGION")?.text ??
      either("AWS_DEFAULT_REGION", "region")?.text),
    mfaSerial: either("AWS_MFA_SERIAL", "mfa_serial")?.text,
    mfaProcess: text("mfa_process"),
    roleArn,
    externalId: text("external_id"),
    roleSessionName: active("AWS_ROLE_SESSION_NAME", "role_session_name")?.text,
    roleDurationSeconds: flags.durationSeconds ??
      durationFrom(env, "AWS_ASSUME_ROLE_TTL", settings.onBadVariable) ??
      configuredDuration(source),
    sourceProfile: sourceProfile === name ? undefined : sourceProfile,
    sourceSettings: withoutAbsent<Record<string, string>>(
      Object.fromEntries(settings.sourceSettings.map((key) => [key, text(key)])),
    ),
    sso: settings.sourceSettings.includes("sso_session") ? resolveSso(config, source) : undefined,
    cacheEnv: asList(fromSetting(source.getText("aws_vault_cache_env"))),
    sessionTags: asTags(active("AWS_SESSION_TAGS", "session_tags")),
    transitiveTagKeys: asList(active("AWS_TRANSITIVE_TAGS", "transitive_session_tags")),
    sourceIdentity: active("AWS_SOURCE_IDENTITY", "source_identity")?.text,
    endpoint: resolveEndpoint(config, source, env),
    caBundle: either("AWS_CA_BUNDLE", "ca_bundle")?.text,
    accountId: text("aws_account_id"),
    rootTaskPolicy: text("aws_vault_root_task_policy"),
    noSession: asBoolean(fromSetting(source.getText("aws_vault_no_session"))),
    metadata: resolveMetadataOf(source, settings),
    staticKeys: asWord(fromSetting(source.getText("aws_vault_static_keys")), ["warn", "refuse"]),
    browser: resolveBrowser(source),
    guards: resolveGuards(source),
  });
}

/** Mistakes in these settings only matter for a profile that uses the service. */
function resolveMetadataOf(
  source: ProfileSettingsSource,
  { sourceSettings, env }: ProfileSettings,
): MetadataSettings | undefined {
  const isRead = sourceSettings.includes("credential_source");
  if (!isRead || source.get("credential_source")?.value !== "Ec2InstanceMetadata") return undefined;
  return resolveMetadata(source, env);
}

/**
 * Resolves a profile and the rest of its chain by `source_profile`: the requested profile first,
 * the one whose own credentials start the chain last.
 *
 * Throws `bad-config` if the profiles form a circle, and shows it: `a → b → a`.
 */
export function resolveChain(
  config: ConfigFile,
  name: string,
  settings: ProfileSettings,
): Profile[] {
  const chain = new Map<string, Profile>();
  for (let next: string | undefined = name; next !== undefined;) {
    const profile: Profile = resolveProfile(config, next, settings);
    chain.set(next, profile);
    next = profile.sourceProfile;
    if (next !== undefined && chain.has(next)) {
      const closing = settingsOf(config, profile.name).get("source_profile")!;
      throw loopError(name, closing, [...chain.keys(), next]);
    }
  }
  return [...chain.values()];
}

/** `duration_seconds`; 0 means absent as in aws-vault 7. The plan applies AWS's limits. */
function configuredDuration(source: ProfileSettingsSource): number | undefined {
  const setting = source.getText("duration_seconds");
  if (setting === undefined) return undefined;
  const seconds = parseSeconds(setting.value);
  if (seconds === undefined) {
    throw setting.bad(`duration_seconds: ${quote(setting.value)} is not a whole number of seconds`);
  }
  return seconds === 0 ? undefined : seconds;
}

/** Omits `undefined` values, so that two profiles of the same settings are equal as values. */
function withoutAbsent<T extends object>(value: { [K in keyof Required<T>]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}
