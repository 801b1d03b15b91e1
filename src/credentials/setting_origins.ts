/** The origin of each setting of a profile, for `explain`; the precedence is that of `profile.ts`. */

import { type ProfileSettingsSource, settingsOf } from "../config/inherit.ts";
import { durationFrom } from "../config/lifetimes.ts";
import type { ConfigFile } from "../config/profile.ts";
import { parseSeconds } from "../duration.ts";
import type { Env } from "../host.ts";
import { quote } from "../text.ts";
import { formatDuration } from "./plan_limits.ts";

/** A setting that is in effect. */
export interface SettingOrigin {
  /** The setting of the config file; the variable, if there is no setting. */
  readonly name: string;
  readonly value: string;
  /**
   * `flag --region`, `variable AWS_REGION`, `/home/a/.aws/config:3`, the same with
   * `, inherited from profile "base"`, or `default`.
   */
  readonly from: string;
}

/** The places in which settings are looked up. */
export interface OriginScene {
  readonly config: ConfigFile;
  readonly env: Env;
  /** The values of flags, by their names: `{ "--region": "us-east-1" }`. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** The settings of the sources. */
  readonly sourceSettings: readonly string[];
  /** The selected back end. */
  readonly backend: string;
}

interface Row {
  readonly name: string;
  readonly flag?: string;
  /** In order of precedence. */
  readonly variables?: readonly string[];
  /** A length of time, shown as `1h30m` in any notation. */
  readonly isDuration?: boolean;
  readonly default?: string;
}

/** Each setting with what takes precedence over it. */
const ROWS: readonly Row[] = [
  { name: "region", flag: "--region", variables: ["AWS_REGION", "AWS_DEFAULT_REGION"] },
  { name: "role_arn", flag: "--role-arn", variables: ["AWS_ROLE_ARN"] },
  { name: "source_profile" },
  { name: "include_profile" },
  { name: "parent_profile" },
  { name: "external_id" },
  { name: "role_session_name", variables: ["AWS_ROLE_SESSION_NAME"] },
  {
    name: "duration_seconds",
    flag: "--duration",
    variables: ["AWS_VAULT_DURATION", "AWS_ASSUME_ROLE_TTL"],
    isDuration: true,
  },
  { name: "session_tags", variables: ["AWS_SESSION_TAGS"] },
  { name: "transitive_session_tags", variables: ["AWS_TRANSITIVE_TAGS"] },
  { name: "source_identity", variables: ["AWS_SOURCE_IDENTITY"] },
  { name: "mfa_serial", variables: ["AWS_MFA_SERIAL"] },
  { name: "mfa_process" },
  { name: "aws_account_id" },
  { name: "aws_vault_root_task_policy" },
  { name: "aws_vault_no_session", flag: "--no-session" },
  { name: "aws_vault_cache_env" },
  { name: "aws_vault_sso_cache" },
  { name: "aws_vault_policy_arns" },
  { name: "aws_vault_policy" },
  { name: "aws_vault_agents" },
  { name: "aws_vault_agent_tags" },
  { name: "aws_vault_confirm" },
  { name: "endpoint_url", variables: ["AWS_ENDPOINT_URL"] },
  { name: "services" },
  {
    name: "ignore_configured_endpoint_urls",
    variables: ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"],
  },
  {
    name: "sts_regional_endpoints",
    variables: ["AWS_STS_REGIONAL_ENDPOINTS"],
    default: "regional",
  },
  { name: "use_fips_endpoint", variables: ["AWS_USE_FIPS_ENDPOINT"] },
  { name: "use_dualstack_endpoint", variables: ["AWS_USE_DUALSTACK_ENDPOINT"] },
  { name: "ca_bundle", variables: ["AWS_CA_BUNDLE"] },
];

/** The settings that only a variable sets. */
const variableRows = (backend: string): readonly Row[] => [
  { name: "AWS_ENDPOINT_URL_STS" },
  { name: "AWS_ENDPOINT_URL_SSO" },
  { name: "AWS_ENDPOINT_URL_SSO_OIDC" },
  { name: "AWS_VAULT_ALLOW_HTTP" },
  { name: "AWS_SESSION_TOKEN_TTL", flag: "--duration", isDuration: true, default: "1h" },
  { name: "AWS_CHAINED_SESSION_TOKEN_TTL", isDuration: true, default: "8h" },
  { name: "AWS_MIN_TTL", isDuration: true, default: "5m" },
  { name: "AWS_VAULT_BACKEND", flag: "--backend", default: backend },
  // In addition to aws_vault_agents, not instead of it: both apply.
  { name: "AWS_VAULT_AGENTS" },
  { name: "AWS_VAULT_PROMPT", flag: "--prompt" },
];

/** The settings of a profile with a value or a default, in the order of the tables. */
export function describeSettings(name: string, scene: OriginScene): SettingOrigin[] {
  const source = settingsOf(scene.config, name, scene.sourceSettings);
  const own = scene.sourceSettings.filter((key) => !ROWS.some((row) => row.name === key));
  const rows: readonly Row[] = [...ROWS, ...own.map((key) => ({ name: key }))];
  return [
    ...rows.map((row) => describeSetting(row, row.variables ?? [], name, scene, source)),
    ...variableRows(scene.backend).map((row) =>
      describeSetting(row, [row.name], name, scene, undefined)
    ),
  ].filter((found) => found !== undefined);
}

function describeSetting(
  row: Row,
  variables: readonly string[],
  profile: string,
  scene: OriginScene,
  source: ProfileSettingsSource | undefined,
): SettingOrigin | undefined {
  const { name } = row;
  const flag = row.flag && scene.flags[row.flag];
  if (flag) return { name, value: flag, from: `flag ${row.flag}` };
  for (const variable of variables) {
    const value = variableText(scene.env, variable, row);
    if (value !== undefined) return { name, value, from: `variable ${variable}` };
  }
  return settingOf(row, profile, source) ??
    (row.default === undefined ? undefined : { name, value: row.default, from: "default" });
}

/** A variable that is not a duration counts as unset, and the plan's notes report it. */
function variableText(env: Env, variable: string, { isDuration }: Row): string | undefined {
  if (!isDuration) return env.get(variable) || undefined;
  const seconds = durationFrom(env, variable, undefined, {
    zeroIsAbsent: variable !== "AWS_MIN_TTL",
  });
  return seconds === undefined ? undefined : formatDuration(seconds);
}

function settingOf(
  { name, isDuration }: Row,
  profile: string,
  source: ProfileSettingsSource | undefined,
): SettingOrigin | undefined {
  const setting = source?.getText(name);
  if (source === undefined || setting === undefined) return undefined;
  const seconds = isDuration ? parseSeconds(setting.value) : undefined;
  const holder = source.holderOf(name);
  const through = holder === profile ? "" : `, inherited from profile ${quote(holder ?? "")}`;
  return {
    name,
    value: seconds === undefined ? shownValue(name, setting.value) : formatDuration(seconds),
    from: setting.place() + through,
  };
}

/** A program's arguments may contain a token, and `explain`'s output is pasted into questions. */
function shownValue(name: string, value: string): string {
  if (!name.endsWith("_process")) return value;
  const [program = "", ...more] = value.trim().split(/\s+/);
  return more.length === 0 ? program : `${program} …`;
}
