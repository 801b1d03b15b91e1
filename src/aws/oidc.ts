/**
 * The OIDC service of IAM Identity Center (`sso-oidc`, version 2019-06-10): registers this program,
 * and gives tokens for a person who signed in.
 *
 * Source: botocore's `data/sso-oidc/2019-06-10/service-2.json`; RFC 6749, 7636 and 8628.
 */

import { Secret } from "../secret.ts";
import { isLoopback } from "../loopback.ts";
import { AnswerReader, callRest, type RestCaller } from "./rest_json.ts";
import type { AwsDeps } from "./send.ts";

/** The grant types for a token. */
export const GRANTS = {
  device: "urn:ietf:params:oauth:grant-type:device_code",
  code: "authorization_code",
  refresh: "refresh_token",
} as const;

/** A registration of this program. */
export interface OidcClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly expiresAt: Temporal.Instant;
}

/** An access token of a person. */
export interface AccessToken {
  readonly accessToken: Secret;
  readonly refreshToken?: Secret | undefined;
  readonly expiresAt: Temporal.Instant;
}

/** The parameters of a registration. */
export interface RegisterRequest {
  readonly scopes: readonly string[];
  /** Absent: a client for the device flow. */
  readonly grantTypes?: readonly string[] | undefined;
  readonly redirectUris?: readonly string[] | undefined;
  readonly issuerUrl?: string | undefined;
}

/** Registers this program; this needs no sign-in. */
export async function registerClient(
  deps: AwsDeps,
  caller: RestCaller,
  { scopes, grantTypes, redirectUris, issuerUrl }: RegisterRequest,
): Promise<OidcClient> {
  const answer = await callRest(deps, {
    ...caller,
    action: "RegisterClient",
    retry: "always",
    method: "POST",
    path: "/client/register",
    body: {
      clientName: "aws-vault",
      clientType: "public",
      ...scopes.length > 0 && { scopes },
      grantTypes,
      redirectUris,
      issuerUrl,
    },
    requires: ["clientId", "clientSecret", "clientSecretExpiresAt"],
  });
  const read = new AnswerReader("RegisterClient", answer);
  return {
    clientId: read.text("clientId"),
    clientSecret: new Secret(read.text("clientSecret")),
    expiresAt: instantOf(read, read.count("clientSecretExpiresAt")),
  };
}

/** A sign-in that a person confirms on any device. */
export interface DeviceAuthorization {
  readonly deviceCode: Secret;
  /** The code that the person compares with the page. */
  readonly userCode: string;
  readonly verificationUri: string;
  /** The same page, with the code filled in. */
  readonly verificationUriComplete: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** Requests a code that a person confirms in a browser. */
export async function startDeviceAuthorization(
  deps: AwsDeps,
  caller: RestCaller,
  client: OidcClient,
  startUrl: string,
): Promise<DeviceAuthorization> {
  const answer = await callRest(deps, {
    ...caller,
    action: "StartDeviceAuthorization",
    retry: "always",
    method: "POST",
    path: "/device_authorization",
    body: { ...idOf(client), startUrl },
    requires: ["deviceCode", "userCode", "verificationUri", "expiresIn"],
  });
  const read = new AnswerReader("StartDeviceAuthorization", answer);
  const verificationUri = pageOf(read, "verificationUri");
  const hasComplete = typeof answer["verificationUriComplete"] === "string";
  return {
    deviceCode: new Secret(read.text("deviceCode")),
    userCode: read.text("userCode", /^[\w-]{1,64}$/),
    verificationUri,
    verificationUriComplete: hasComplete
      ? pageOf(read, "verificationUriComplete")
      : verificationUri,
    expiresInSeconds: Math.min(read.count("expiresIn"), LONGEST_CODE_SECONDS),
    // RFC 8628, 3.2: five seconds if the answer has no interval.
    intervalSeconds: answer["interval"] === undefined
      ? 5
      : Math.min(read.count("interval"), LONGEST_CODE_SECONDS),
  };
}

/** The address is opened in a browser: one that runs something here, or reads a file, is refused. */
function pageOf(read: AnswerReader, name: string): string {
  const text = read.text(name);
  const url = URL.parse(text);
  if (url?.protocol === "https:") return text;
  if (url?.protocol === "http:" && isLoopback(url.hostname)) return text;
  throw read.bad(`its ${name} is not an https address`);
}

/** The parameters of each grant type. */
export type TokenGrant =
  | { readonly grantType: typeof GRANTS.device; readonly deviceCode: Secret }
  | {
    readonly grantType: typeof GRANTS.code;
    readonly code: Secret;
    readonly codeVerifier: Secret;
    readonly redirectUri: string;
  }
  | { readonly grantType: typeof GRANTS.refresh; readonly refreshToken: Secret };

/** The longest session of the access portal (IAM Identity Center User Guide, "session duration"). */
const LONGEST_TOKEN_SECONDS = 90 * 86_400;
/** Nobody waits longer for a code to be confirmed; AWS's codes end after ten minutes. */
const LONGEST_CODE_SECONDS = 3600;

/** AWS's errors for a code that is no longer valid. */
const USED_UP = ["ExpiredTokenException", "InvalidGrantException"];

/**
 * Gets an access token.
 *
 * Retries if an answer was lost, although a code works only once: AWS then refuses the second
 * request, and the person signs in again, which would have been needed anyway.
 */
export async function createToken(
  deps: AwsDeps,
  caller: RestCaller,
  client: OidcClient,
  grant: TokenGrant,
): Promise<AccessToken> {
  const answer = await callRest(deps, {
    ...caller,
    action: "CreateToken",
    retry: "always",
    slowsDown: grant.grantType === GRANTS.device,
    explain: ({ code }, answerWasLost) =>
      answerWasLost && USED_UP.includes(code) && grant.grantType !== GRANTS.refresh
        ? ["The first answer was lost and has used up the code: sign in again"]
        : [],
    method: "POST",
    path: "/token",
    body: {
      ...idOf(client),
      ...Object.fromEntries(
        Object.entries(grant).map((
          [name, value],
        ) => [name, value instanceof Secret ? value.reveal() : value]),
      ),
    },
    requires: ["accessToken", "expiresIn"],
  });
  const read = new AnswerReader("CreateToken", answer);
  const refreshToken = read.optionalText("refreshToken");
  return {
    accessToken: new Secret(read.text("accessToken")),
    refreshToken: refreshToken === undefined ? undefined : new Secret(refreshToken),
    expiresAt: deps.clock.now().add({ seconds: lifetimeOf(read) }),
  };
}

/** A lifetime of 0 would lead from one sign-in to the next. */
function lifetimeOf(read: AnswerReader): number {
  const seconds = read.count("expiresIn");
  if (seconds === 0) throw read.bad("its token has expired");
  return Math.min(seconds, LONGEST_TOKEN_SECONDS);
}

function idOf({ clientId, clientSecret }: OidcClient) {
  return { clientId, clientSecret: clientSecret.reveal() };
}

function instantOf(read: AnswerReader, seconds: number): Temporal.Instant {
  if (seconds > 8.64e12) throw read.bad("its time is not valid");
  return Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
}

/** The address of the sign-in page, for the browser (RFC 6749, 4.1.1; RFC 7636, 4.3). */
export function authorizeUrl(
  oidcUrl: string,
  request: {
    readonly clientId: string;
    readonly redirectUri: string;
    readonly state: string;
    readonly challenge: string;
    readonly scopes: readonly string[];
  },
): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    code_challenge_method: "S256",
    // The AWS CLI's name for it; `scope` is accepted too.
    scopes: request.scopes.join(" "),
    code_challenge: request.challenge,
  });
  return `${oidcUrl}/authorize?${query.toString().replaceAll("+", "%20")}`;
}
