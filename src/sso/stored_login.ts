/** The kept data of a login: sealed rows of the session database, never files (docs/formats.md). */

import type { AccessToken, OidcClient } from "../aws/oidc.ts";
import { Secret } from "../secret.ts";
import type { SsoPlace } from "./login.ts";

/** A token, with what is needed to refresh and to end it. */
export interface StoredLogin extends SsoPlace {
  readonly token: AccessToken;
  readonly client: OidcClient;
  /** The NAME of `[sso-session NAME]`, for lists of logins. */
  readonly name: string;
  /** The start URL in the settings, which may be a company's own address for `startUrl`. */
  readonly configuredUrl: string;
  /** The portal's address, so that the login can be ended without the config file. */
  readonly portalUrl: string;
}

/** The text to seal for a login. */
export function renderLogin({ token, client, ...place }: StoredLogin): Secret {
  return new Secret(JSON.stringify({
    ...place,
    accessToken: token.accessToken.reveal(),
    refreshToken: token.refreshToken?.reveal(),
    expiresAt: token.expiresAt.epochMilliseconds,
    ...renderParts(client),
  }));
}

/** The text to seal for a registration. */
export function renderClient(client: OidcClient): Secret {
  return new Secret(JSON.stringify(renderParts(client)));
}

function renderParts({ clientId, clientSecret, expiresAt }: OidcClient) {
  return {
    clientId,
    clientSecret: clientSecret.reveal(),
    registrationExpiresAt: expiresAt.epochMilliseconds,
  };
}

/** Parses the sealed text of a login; `undefined` if it is something else. */
export function parseLogin(text: Secret | undefined): StoredLogin | undefined {
  const client = parseClient(text);
  if (text === undefined || client === undefined) return undefined;
  const parsed = JSON.parse(text.reveal());
  const { startUrl, region, name, portalUrl, configuredUrl } = parsed;
  const { accessToken, refreshToken, expiresAt } = parsed;
  if (
    ![startUrl, region, name, portalUrl, configuredUrl, accessToken].every((it) =>
      typeof it === "string"
    )
  ) {
    return undefined;
  }
  return {
    ...{ startUrl, region, name, portalUrl, configuredUrl, client },
    token: {
      accessToken: new Secret(accessToken),
      refreshToken: typeof refreshToken === "string" ? new Secret(refreshToken) : undefined,
      expiresAt: Temporal.Instant.fromEpochMilliseconds(Number(expiresAt)),
    },
  };
}

/** Parses the sealed text of a registration; `undefined` if it is something else. */
export function parseClient(text: Secret | undefined): OidcClient | undefined {
  try {
    const { clientId, clientSecret, registrationExpiresAt } = JSON.parse(text?.reveal() ?? "null");
    if (typeof clientId !== "string" || typeof clientSecret !== "string") return undefined;
    const expiresAt = Temporal.Instant.fromEpochMilliseconds(Number(registrationExpiresAt));
    return { clientId, clientSecret: new Secret(clientSecret), expiresAt };
  } catch {
    return undefined;
  }
}
