/** The IAM Identity Center settings of a profile, with its `[sso-session]`. */

import type { ConfigFile, Section } from "./config_file.ts";
import type { ProfileSettingsSource, TextSetting } from "./inherit.ts";
import { asList, fromSetting } from "./setting_values.ts";
import { quote } from "../text.ts";

/** How a profile logs in by IAM Identity Center. */
export interface SsoSettings {
  /** The name of the `[sso-session]`, absent for the older form without one. */
  readonly session?: string;
  readonly startUrl: string;
  /** Where the Identity Center is, not where the profile works. */
  readonly region: string;
  readonly accountId?: string;
  readonly roleName?: string;
  /** Empty where none are configured: the default is the caller's. */
  readonly registrationScopes: readonly string[];
}

/**
 * Resolves the SSO settings, or gives `undefined` where neither session nor start URL is configured.
 *
 * Throws `bad-config` for a session that does not exist, for a start URL or region that the profile and
 * the session give differently (as SDKs do), and for one that is nowhere.
 */
export function resolveSso(
  config: ConfigFile,
  settings: ProfileSettingsSource,
): SsoSettings | undefined {
  const reference = settings.getText("sso_session");
  const anchor = reference ?? settings.getText("sso_start_url");
  if (anchor === undefined) return undefined;
  const session = reference && requireSession(config, reference);
  const require = (key: string): string => {
    const value = agree(settings.getText(key), session, key);
    if (value !== undefined) return value;
    throw session?.bad(`[sso-session ${session.name}] has no ${key}`) ??
      anchor.bad(`${anchor.key} needs ${key} beside it`);
  };
  const accountId = settings.getText("sso_account_id")?.value;
  const roleName = settings.getText("sso_role_name")?.value;
  const scopes = session === undefined
    ? settings.getText("sso_registration_scopes")
    : textOf(session, "sso_registration_scopes");
  return {
    ...(reference && { session: reference.value }),
    startUrl: require("sso_start_url"),
    region: require("sso_region"),
    ...(accountId !== undefined && { accountId }),
    ...(roleName !== undefined && { roleName }),
    registrationScopes: asList(fromSetting(scopes), /[,\s]/),
  };
}

function requireSession(config: ConfigFile, reference: TextSetting): Section {
  const session = config.ssoSession(reference.value);
  if (session !== undefined) return session;
  throw reference.bad(`there is no section [sso-session ${reference.value}]`);
}

function agree(
  own: TextSetting | undefined,
  session: Section | undefined,
  key: string,
): string | undefined {
  const shared = session && textOf(session, key)?.value;
  if (own !== undefined && shared !== undefined && own.value !== shared) {
    throw own.bad(
      `${key} is ${quote(own.value)} here but ${quote(shared)} in [sso-session ${session!.name}]`,
    );
  }
  return shared ?? own?.value;
}

function textOf(section: Section, key: string): TextSetting | undefined {
  const setting = section.settings.get(key);
  if (setting === undefined || setting.value === "") return undefined;
  if (typeof setting.value === "string") return setting as TextSetting;
  throw setting.bad(`${key} has a block of indented lines as its value`);
}
