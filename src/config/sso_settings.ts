/** IAM Identity Center in the config file: `[sso-session NAME]` and the older settings of a profile. */

import { VaultError } from "../errors.ts";
import { isLoopback } from "../loopback.ts";
import { quote } from "../text.ts";
import type { ConfigFile, Section } from "./config_file.ts";
import type { ProfileSettingsSource, TextSetting } from "./inherit.ts";
import { asBoolean, asList, fromSetting } from "./setting_values.ts";

/** Where a person signs in: the settings that several profiles share. */
export interface SsoSession {
  /** Of `[sso-session NAME]`; absent if the profile has all the settings itself. */
  readonly name?: string;
  readonly startUrl: string;
  /** Absent only if the region can be found by following the start URL. */
  readonly region?: string;
  /** Empty if the settings name none. */
  readonly scopes: readonly string[];
}

/** The name under which logins and logouts are counted: credentials of an earlier login are not served. */
export function loginName({ name, startUrl }: SsoSession): string {
  return `sso-login:${name ?? ""}:${startUrl}`;
}

/** The settings of a profile for Identity Center. */
export interface SsoProfile {
  readonly session: SsoSession;
  /** Absent: the profile names no account or no role, and gives no credentials. */
  readonly accountId?: string;
  readonly roleName?: string;
  /** Whether the login is shared with the AWS CLI and the SDKs (`aws_vault_sso_cache = true`). */
  readonly sharesCache: boolean;
}

/**
 * A profile's settings for Identity Center, or the error about them, which is thrown only if the
 * profile's credentials come from there. `undefined` for a profile without such settings.
 */
export function resolveSso(
  config: ConfigFile,
  settings: ProfileSettingsSource,
): SsoProfile | VaultError | undefined {
  try {
    return readSso(config, settings);
  } catch (error) {
    if (error instanceof VaultError) return error;
    throw error;
  }
}

/** An `sso-session` by its name; `undefined` if there is no such section. Throws `bad-config` for an invalid one. */
export function resolveSsoSession(config: ConfigFile, name: string): SsoSession | undefined {
  const section = config.ssoSession(name);
  return section && readSession(section, undefined, undefined);
}

function readSso(config: ConfigFile, settings: ProfileSettingsSource): SsoProfile | undefined {
  const reference = settings.getText("sso_session");
  const startUrl = settings.getText("sso_start_url");
  const region = settings.getText("sso_region");
  if (reference === undefined && startUrl === undefined) return undefined;
  const session = reference === undefined
    ? readLegacy(startUrl!, region, settings.getText("sso_registration_scopes"))
    : readSession(findSection(config, reference), startUrl, region);
  const accountId = checked(
    settings.getText("sso_account_id"),
    /^\d{12}$/,
    "an account's 12 digits",
  );
  const roleName = checked(
    settings.getText("sso_role_name"),
    /^[\w+=,.@-]{1,64}$/,
    "the name of a role (a permission set)",
  );
  return {
    session,
    ...accountId !== undefined && { accountId },
    ...roleName !== undefined && { roleName },
    sharesCache: asBoolean(fromSetting(settings.getText("aws_vault_sso_cache"))),
  };
}

function findSection(config: ConfigFile, reference: TextSetting): Section {
  const section = config.ssoSession(reference.value);
  if (section !== undefined) return section;
  throw reference.bad(`there is no section [sso-session ${reference.value}]`);
}

function readLegacy(
  startUrl: TextSetting,
  region: TextSetting | undefined,
  scopes: TextSetting | undefined,
): SsoSession {
  const url = checkStartUrl(startUrl);
  return { startUrl: url, ...checkRegion(region, startUrl), scopes: asList(fromSetting(scopes)) };
}

/** The profile's own start URL and region may repeat those of the `sso-session`, not differ. */
function readSession(
  section: Section,
  startUrl: TextSetting | undefined,
  region: TextSetting | undefined,
): SsoSession {
  const own = (key: string) => textOf(section, key);
  const sessionUrl = own("sso_start_url");
  if (sessionUrl === undefined) {
    throw section.bad(`[sso-session ${section.name}] has no sso_start_url`);
  }
  const sessionRegion = own("sso_region");
  refuseConflict(section, sessionUrl, startUrl);
  if (sessionRegion !== undefined) refuseConflict(section, sessionRegion, region);
  return {
    name: section.name,
    startUrl: checkStartUrl(sessionUrl),
    ...checkRegion(sessionRegion ?? region, sessionUrl),
    scopes: asList(fromSetting(own("sso_registration_scopes"))),
  };
}

function textOf(section: Section, key: string): TextSetting | undefined {
  const setting = section.settings.get(key);
  if (setting === undefined || setting.value === "") return undefined;
  if (typeof setting.value === "string") return setting as TextSetting;
  throw setting.bad(`"${key}" has a block of indented lines as its value`);
}

/** As in botocore: it is unclear which of two is meant, and one is another company's login. */
function refuseConflict(section: Section, ofSession: TextSetting, own: TextSetting | undefined) {
  if (own === undefined || own.value === ofSession.value) return;
  const { message } = own.bad(
    `${own.key} is ${quote(own.value)} here and ${quote(ofSession.value)} in ` +
      `[sso-session ${section.name}] (${ofSession.place()})`,
  );
  throw new VaultError("bad-config", message, { hints: ["Remove the line that is wrong"] });
}

function checkStartUrl(setting: TextSetting): string {
  const url = URL.parse(setting.value) ?? undefined;
  const isSafe = url?.protocol === "https:" ||
    (url?.protocol === "http:" && isLoopback(url.hostname));
  // A user name in front of the host can make a URL look like another one.
  const isPlain = /^[\x21-\x7e]+$/.test(setting.value) && url?.username === "";
  if (isSafe && isPlain) return setting.value;
  throw setting.bad(
    `${setting.key}: ${
      quote(setting.value)
    } is not the https address of an access portal, such as ` +
      "https://example.awsapps.com/start",
  );
}

/** The region becomes part of a host name. */
function checkRegion(setting: TextSetting | undefined, startUrl: TextSetting) {
  if (setting === undefined) {
    if (mayFindRegion(startUrl.value)) return {};
    throw startUrl.bad("there is no sso_region, the region that Identity Center is in");
  }
  if (/^[a-z]{2,5}(?:-[a-z]+){1,3}-\d{1,2}$/.test(setting.value)) return { region: setting.value };
  throw setting.bad(
    `${setting.key}: ${quote(setting.value)} is not a region; regions look like us-east-1`,
  );
}

/** A company's own URL redirects to AWS's, whose host name has the region; AWS's oldest form has none. */
function mayFindRegion(startUrl: string): boolean {
  return !/\.awsapps\.c(?:om|n)$/.test(new URL(startUrl).hostname);
}

function checked(
  setting: TextSetting | undefined,
  form: RegExp,
  what: string,
): string | undefined {
  if (setting === undefined || form.test(setting.value)) return setting?.value;
  throw setting.bad(`${setting.key}: ${quote(setting.value)} is not ${what}`);
}
