import type { SsoSession } from "../config/sso_settings.ts";

/** The name by which logins and logouts are counted: role credentials of the login before are not served. */
export function loginName({ name, startUrl }: SsoSession): string {
  return `sso-login:${name ?? ""}:${startUrl}`;
}
