/** Signing in to AWS's console with temporary credentials (IAM User Guide: "Enable custom identity broker access"). */

import { Secret } from "../secret.ts";
import type { ConsoleHosts } from "./console_hosts.ts";
import { type Answer, type AwsDeps, sendCall } from "./send.ts";

/** The addresses of the sign-in service: those of the partition, or `AWS_ENDPOINT_URL_SIGNIN`. */
export interface SignInPlace {
  readonly hosts: ConsoleHosts;
  readonly endpointUrl?: string | undefined;
  readonly caCertificates?: readonly string[] | undefined;
}

/** Temporary credentials. */
export interface ConsoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret;
}

/** The site that a console session shows when it has expired (`Issuer`). */
const ISSUER = "https://github.com/99designs/aws-vault";

/**
 * Exchanges credentials for a token that signs in to the console once, within 15 minutes.
 *
 * Uses POST: the credentials are in no address, and so in no proxy log. `sessionSeconds` (900 to
 * 43,200) is for a role's credentials that were not obtained with another role's; otherwise the console
 * session lasts as long as the credentials.
 */
export async function getSigninToken(
  deps: AwsDeps,
  place: SignInPlace,
  credentials: ConsoleCredentials,
  sessionSeconds?: number,
): Promise<Secret> {
  const session = JSON.stringify({
    sessionId: credentials.accessKeyId,
    sessionKey: credentials.secretAccessKey.reveal(),
    sessionToken: credentials.sessionToken.reveal(),
  });
  const form = new URLSearchParams({ Action: "getSigninToken", Session: session });
  if (sessionSeconds !== undefined) form.set("SessionDuration", String(sessionSeconds));
  return await sendCall(deps, {
    action: "getSigninToken",
    request: {
      method: "POST",
      url: federationUrl(place),
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    },
    caCertificates: place.caCertificates,
    retry: "always",
    interpret: ({ status, body }) => Promise.resolve(readToken(status, body)),
    explain: () => [
      "The console takes the credentials of a role, or of a federated user, that have not expired",
      ...(sessionSeconds === undefined ? [] : ["Try without --duration"]),
    ],
  });
}

function readToken(status: number, body: string): Answer<Secret> {
  if (status === 400 || status === 403) {
    // The service answers with an HTML page for people.
    const fault = { code: String(status), message: "it refused the credentials", requestId: "" };
    return { kind: "refused", fault };
  }
  const token = status === 200 ? parseToken(body) : undefined;
  if (token !== undefined) return { kind: "done", value: new Secret(token) };
  return { kind: "unreadable", reason: "there is no token in it" };
}

function parseToken(body: string): string | undefined {
  try {
    const { SigninToken: token } = JSON.parse(body);
    return typeof token === "string" && token !== "" ? token : undefined;
  } catch {
    return undefined;
  }
}

/** The address that signs in and opens a page of the console: a secret for 15 minutes. */
export function signInUrl(place: SignInPlace, token: Secret, destination: string): Secret {
  const url = new URL(federationUrl(place));
  url.search = new URLSearchParams({
    Action: "login",
    Issuer: ISSUER,
    Destination: destination,
    SigninToken: token.reveal(),
  }).toString();
  return new Secret(url.href);
}

/** The address that first ends a console session, if the partition's page can redirect from there. */
export function logoutUrl(place: SignInPlace, next: Secret): Secret {
  const url = new URL("/oauth", federationUrl(place));
  url.search = new URLSearchParams({ Action: "logout", redirect_uri: next.reveal() }).toString();
  return new Secret(url.href);
}

function federationUrl({ hosts, endpointUrl }: SignInPlace): string {
  return new URL("/federation", endpointUrl ?? `https://${hosts.signIn}`).href;
}
