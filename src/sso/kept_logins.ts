/** All kept logins, for any profile or section, and how they end. */

import { logout } from "../aws/sso_portal.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import { AwsError } from "../errors.ts";
import type { TalkingHost } from "../talk.ts";
import { loginName } from "../config/sso_settings.ts";
import { TOKEN_KIND } from "./token_kind.ts";
import { parseLogin, type StoredLogin } from "./stored_login.ts";

/** A login and the row that holds it. */
export interface KeptLogin {
  readonly identity: string;
  readonly stored: StoredLogin;
}

/** The kept logins, sorted by name. Throws the keyring's errors. */
export async function readKeptLogins(cache: SessionCache): Promise<KeptLogin[]> {
  const kept: KeptLogin[] = [];
  for (const identity of cache.secrets(TOKEN_KIND)) {
    const stored = parseLogin(await cache.findSecret(identity, 0));
    if (stored !== undefined) kept.push({ identity, stored });
  }
  return kept.sort((a, b) => a.stored.name < b.stored.name ? -1 : 1);
}

/**
 * Ends a login: first here, so that no copy is used any more, then at AWS.
 *
 * Throws the errors of AWS or the network; a login that AWS has already ended is not an error.
 */
export async function endLogin(
  host: TalkingHost,
  cache: SessionCache,
  { identity, stored }: KeptLogin,
  caCertificates: readonly string[] | undefined,
): Promise<void> {
  cache.drop(identity);
  cache.count(loginName(sessionOf(stored)));
  // Even if no flag says that it was shared with the AWS CLI: an ended login is of no use to anyone.
  const { removeSharedToken } = await import("./shared_logins.ts");
  await removeSharedToken(host, sessionOf(stored), stored.token.accessToken);
  try {
    await logout(host, { url: stored.portalUrl, caCertificates }, stored.token.accessToken);
  } catch (error) {
    if (!(error instanceof AwsError) || error.status !== 401) throw error;
  }
}

/** A login without a section is named by its start URL. */
function sessionOf({ name, configuredUrl }: StoredLogin) {
  return name === configuredUrl
    ? { startUrl: configuredUrl, scopes: [] }
    : { name, startUrl: configuredUrl, scopes: [] };
}
