/**
 * AWS Sign-In, version 2023-01-01: the console's sign-in for developers' programs (`aws login`).
 *
 * Source: botocore, `data/signin/2023-01-01/service-2.json`; the AWS CLI, `customizations/login/utils.py`.
 */

import type { Credentials } from "../credentials.ts";
import { Secret } from "../secret.ts";
import { AnswerReader, callRest, type JsonFields, type RestCaller } from "./rest_json.ts";
import type { AwsDeps } from "./send.ts";
import type { SigninPlace } from "./signin_place.ts";

/** The two clients that AWS supports, by where the person's browser is. */
export const SIGNIN_CLIENTS = {
  sameDevice: "arn:aws:signin:::devtools/same-device",
  crossDevice: "arn:aws:signin:::devtools/cross-device",
} as const;

/** The parameters of an authorization. */
export interface SigninRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: Secret;
  readonly challenge: string;
}

/** The address of the sign-in page. The challenge method has AWS's name, not that of RFC 7636. */
export function signinUrl({ url }: SigninPlace, request: SigninRequest): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: request.clientId,
    state: request.state.reveal(),
    code_challenge_method: "SHA-256",
    scope: "openid",
    redirect_uri: request.redirectUri,
    code_challenge: request.challenge,
  });
  return `${url}/v1/authorize?${query}`;
}

/** What is exchanged for a token. */
export type SigninGrant =
  | {
    readonly grantType: "authorization_code";
    readonly code: Secret;
    readonly codeVerifier: Secret;
    readonly redirectUri: string;
  }
  | { readonly grantType: "refresh_token"; readonly refreshToken: Secret };

/** Credentials of the person who signed in, with the token that renews them. */
export interface SigninToken {
  /** Valid for 15 minutes at most. */
  readonly credentials: Credentials;
  readonly refreshToken: Secret;
  /** Identifies the person who signed in; given only in exchange for a code. */
  readonly idToken: Secret | undefined;
}

/** Proves the key that the tokens are bound to, for one request (RFC 9449); a proof works once. */
export type ProveKey = (request: { method: "POST"; url: string }) => Promise<string>;

/**
 * Exchanges a code or a refresh token; each try has a new proof. A code is sent again if the answer was
 * lost: if AWS has acted, it refuses the second try, and nobody has the tokens of the first.
 */
export async function createSigninToken(
  deps: AwsDeps,
  caller: RestCaller,
  request: { readonly clientId: string; readonly grant: SigninGrant; readonly prove: ProveKey },
): Promise<SigninToken> {
  const { clientId, grant, prove } = request;
  const path = "/v1/token";
  const answer = await callRest(deps, {
    ...caller,
    action: "CreateOAuth2Token",
    retry: "always",
    explain: ({ code }, answerWasLost) =>
      answerWasLost && code === "AUTHCODE_EXPIRED"
        ? ["The first answer was lost and has used up the code: sign in again"]
        : [],
    method: "POST",
    path,
    freshHeaders: async () => ({ dpop: await prove({ method: "POST", url: caller.url + path }) }),
    body: { clientId, ...revealed(grant) },
    requires: ["accessToken", "expiresIn", "refreshToken"],
  });
  return readToken(answer, deps.clock.now());
}

function revealed(grant: SigninGrant): JsonFields {
  return Object.fromEntries(
    Object.entries(grant).map(([name, value]) => [
      name,
      value instanceof Secret ? value.reveal() : value,
    ]),
  );
}

/** They last 15 minutes; a server that impersonates AWS must not be able to make them last forever. */
const LONGEST_SECONDS = 3600;

function readToken(answer: JsonFields, now: Temporal.Instant): SigninToken {
  const read = new AnswerReader("CreateOAuth2Token", answer);
  const key = read.member("accessToken");
  const seconds = Math.min(read.count("expiresIn"), LONGEST_SECONDS);
  const idToken = read.optionalText("idToken");
  return {
    credentials: {
      accessKeyId: key.text("accessKeyId", /^\w{1,128}$/),
      secretAccessKey: new Secret(key.text("secretAccessKey")),
      sessionToken: new Secret(key.text("sessionToken")),
      expiration: now.add({ seconds }),
    },
    refreshToken: new Secret(read.text("refreshToken")),
    idToken: idToken === undefined ? undefined : new Secret(idToken),
  };
}

/** Revokes a refresh token and all tokens of its family (RFC 7009), with the person's own credentials. */
export async function revokeSigninToken(
  deps: AwsDeps,
  caller: RestCaller & { readonly region: string; readonly credentials: Credentials },
  refreshToken: Secret,
): Promise<void> {
  const { region, credentials, ...place } = caller;
  await callRest(deps, {
    ...place,
    action: "RevokeOAuth2TokenWithIAM",
    retry: "always",
    method: "POST",
    path: "/v1/revoke?x-amz-client-auth-method=iam",
    signing: { credentials, service: "signin", region },
    body: { token: refreshToken.reveal() },
    requires: [],
  });
}
