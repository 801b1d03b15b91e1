/** A login to IAM Identity Center: where, for whom, and how its services are reached. */

import { resolveSsoEndpoint, type SsoService } from "../aws/sso_endpoint.ts";
import type { RestCaller } from "../aws/rest_json.ts";
import { requestIdentity } from "../cache/identity.ts";
import type { SsoSession } from "../config/sso_settings.ts";
import { commandLine, quote } from "../text.ts";

/** Where a person signs in, and by what settings. */
export interface SsoLogin {
  readonly session: SsoSession;
  /** The profile that it is for: others who wait see it. */
  readonly profile: string;
  /** The addresses that the person chose for the two services, if any. */
  readonly urls: { readonly [Service in SsoService]?: string | undefined };
  readonly useFips: boolean;
  readonly useDualstack: boolean;
  readonly caCertificates?: readonly string[] | undefined;
  /** Shared with the AWS CLI by its files. */
  readonly sharesCache: boolean;
}

/** Where a login is at once its start URL is resolved. */
export interface SsoPlace {
  readonly startUrl: string;
  readonly region: string;
}

/** `sso-session "corp"`, or the start URL where there is no such section. */
export function describeLogin({ session }: SsoLogin): string {
  return session.name === undefined
    ? `the access portal ${quote(session.startUrl)}`
    : `sso-session ${quote(session.name)}`;
}

/** The command by which a person signs in. */
export function signInCommand({ session, profile }: SsoLogin): string {
  return commandLine(["sso", "login"], session.name ?? profile);
}

/** How a service is called. */
export function callerOf(login: SsoLogin, service: SsoService, region: string): RestCaller {
  const { useFips, useDualstack, caCertificates } = login;
  const endpointUrl = login.urls[service];
  return {
    url: resolveSsoEndpoint(service, { region, endpointUrl, useFips, useDualstack }),
    caCertificates,
  };
}

/** Under what the login's tokens are kept: each change of it is another login. */
export function tokenIdentity({ session, urls }: SsoLogin): Promise<string> {
  return requestIdentity({
    request: "sso-token",
    session: session.name,
    startUrl: session.startUrl,
    region: session.region,
    scopes: session.scopes.toSorted(),
    ...urls,
  });
}
