/** A login to IAM Identity Center: its place, its profile, and the calls to its services. */

import { resolveSsoEndpoint, type SsoService } from "../aws/sso_endpoint.ts";
import type { RestCaller } from "../aws/rest_json.ts";
import { requestIdentity } from "../cache/identity.ts";
import type { SsoSession } from "../config/sso_settings.ts";
import { commandLine, quote } from "../text.ts";

/** Where a person signs in, and with which settings. */
export interface SsoLogin {
  readonly session: SsoSession;
  /** The profile that needs it, shown to other processes that wait. */
  readonly profile: string;
  /** The person's custom endpoints of the two services, if any. */
  readonly urls: { readonly [Service in SsoService]?: string | undefined };
  readonly useFips: boolean;
  readonly useDualstack: boolean;
  readonly caCertificates?: readonly string[] | undefined;
  /** Shared with the AWS CLI through its files. */
  readonly sharesCache: boolean;
}

/** The place of a login once its start URL is resolved. */
export interface SsoPlace {
  readonly startUrl: string;
  readonly region: string;
}

/** `sso-session "corp"`, or the start URL if there is no such section. */
export function describeLogin({ session }: SsoLogin): string {
  return session.name === undefined
    ? `the access portal ${quote(session.startUrl)}`
    : `sso-session ${quote(session.name)}`;
}

/** The command with which a person signs in. */
export function signInCommand({ session, profile }: SsoLogin): string {
  return commandLine(["sso", "login"], session.name ?? profile);
}

/** The address and settings of calls to a service. */
export function callerOf(login: SsoLogin, service: SsoService, region: string): RestCaller {
  const { useFips, useDualstack, caCertificates } = login;
  const endpointUrl = login.urls[service];
  return {
    url: resolveSsoEndpoint(service, { region, endpointUrl, useFips, useDualstack }),
    caCertificates,
  };
}

/** The identity under which the login's tokens are kept: any change makes a different login. */
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
