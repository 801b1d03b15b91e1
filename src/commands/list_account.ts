import { type ProfileSettingsSource, settingsOf } from "../config/inherit.ts";
import { sourceSettings } from "../credentials/source.ts";
import { VaultError } from "../errors.ts";
import { warnOnce } from "../talk.ts";
import type { Invocation } from "./context.ts";

/** Account, role and region of a profile by its settings alone: AWS is not asked. */
export function describeRow(
  invocation: Invocation,
  { profile }: { readonly profile: string | undefined },
) {
  const source = readSettings(invocation, profile);
  if (source === undefined) return {};
  const text = (key: string): string | undefined => {
    const value = source.get(key)?.value;
    return typeof value === "string" ? value : undefined;
  };
  const role = text("role_arn");
  const account = accountOf(role) ?? text("sso_account_id") ?? text("aws_account_id") ??
    accountOf(text("mfa_serial"));
  return {
    account,
    role: role?.split(":role/")[1] ?? text("sso_role_name"),
    region: text("region"),
  };
}

/** The settings of a row's profile. One that has something wrong with it is listed without, and the first is said. */
export function readSettings(
  { config, sources, host }: Invocation,
  profile: string | undefined,
): ProfileSettingsSource | undefined {
  if (profile === undefined) return undefined;
  try {
    return settingsOf(config(), profile, sourceSettings(sources));
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const all = "aws-vault doctor names all that is wrong in the config file";
    warnOnce(host.talk, `${error.message}; ${all}`, "settings of list");
    return undefined;
  }
}

function accountOf(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : /^arn:[^:]*:[^:]*:[^:]*:(\d+):/.exec(arn)?.[1];
}
