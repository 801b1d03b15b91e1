/**
 * AWS Sign-In, version 2023-01-01: the page at which a person signs in for a program, its tokens, and their
 * end. Codes work once, PKCE and the proof of the key (RFC 9449) are verified, proofs are used once.
 */

import { headerValues, type WireRequest } from "./http.ts";
import { challengeOf } from "./identity_center.ts";
import type { SsoCall, SsoResult } from "./oidc.ts";
import { randomId, randomToken } from "./random_ids.ts";
import { Refusal } from "./refusal.ts";
import { parseClaim, verifyClaim } from "./sigv4.ts";
import type { World } from "./world.ts";

type Handler = (call: SsoCall, world: World) => SsoResult | Promise<SsoResult>;

export const SIGNIN_ACTIONS: Readonly<Record<string, readonly [string, Handler]>> = {
  "GET /v1/authorize": ["AuthorizeSignin", authorize],
  "POST /v1/token": ["CreateOAuth2Token", createToken],
  "POST /v1/revoke": ["RevokeOAuth2TokenWithIAM", revoke],
};

export interface SigninSpec {
  /** What the person at the page does; `approves` by default. */
  readonly person?: "approves" | "refuses" | "waits";
  /** Who is signed in in the browser: the name of a user. `ann` by default. */
  readonly user?: string;
  readonly tokenSeconds?: number;
}

interface Code {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly expiresMs: number;
  readonly user: string;
  isUsed: boolean;
}

/** A refresh token, and those that came of it. */
interface Grant {
  readonly refreshToken: string;
  readonly clientId: string;
  readonly user: string;
  /** The thumbprint of the key that it is bound to. */
  readonly thumbprint: string;
  readonly untilMs: number;
  isRevoked: boolean;
}

const DEVTOOLS = "arn:aws:signin:::devtools/";
const HALF_DAY_MS = 12 * 3600_000;

/** The state of AWS Sign-In. */
export class Signin {
  spec: SigninSpec;
  readonly codes: Code[] = [];
  readonly grants: Grant[] = [];
  readonly proofs = new Set<string>();
  /** What the page showed last to a person on another device. */
  shown: string | undefined;

  constructor(spec: SigninSpec = {}) {
    this.spec = spec;
  }

  get user(): string {
    return this.spec.user ?? "ann";
  }

  secrets(): string[] {
    return [...this.codes.map(({ code }) => code), ...this.grants.map((one) => one.refreshToken)];
  }

  /** Ends every login before its time. */
  endAll(): void {
    for (const grant of this.grants) grant.isRevoked = true;
  }
}

function bad(what: string): Refusal {
  return new Refusal(400, "ValidationException", `Invalid request: ${what}`);
}

function denied(error: string, status: number): Refusal {
  return new Refusal(status, "AccessDeniedException", error);
}

function authorize({ url, nowMs, origin }: SsoCall, { signin }: World): SsoResult {
  const query = url.searchParams;
  const known = [
    "response_type",
    "client_id",
    "state",
    "code_challenge_method",
    "scope",
    "redirect_uri",
    "code_challenge",
  ];
  if ([...query.keys()].sort().join() !== known.sort().join()) throw bad("the parameters");
  const need = (name: string, pattern: RegExp): string => {
    const value = query.get(name) ?? "";
    if (!pattern.test(value)) throw bad(name);
    return value;
  };
  need("response_type", /^code$/);
  need("scope", /^openid$/);
  need("code_challenge_method", /^SHA-256$/);
  const clientId = need("client_id", /^arn:aws:signin:::devtools\/(same|cross)-device$/);
  const isRemote = clientId === `${DEVTOOLS}cross-device`;
  const state = need("state", /^.{16,}$/);
  const challenge = need("code_challenge", /^[A-Za-z0-9_-]{43}$/);
  const redirectUri = need("redirect_uri", /^http:\/\/[^/]+\/.*$/);
  const isRight = isRemote
    ? redirectUri === `${origin}/v1/sessions/confirmation`
    : /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/.test(redirectUri);
  if (!isRight) throw bad("redirect_uri");
  const { person = "approves" } = signin.spec;
  if (person === "waits") return { page: "<title>Sign in</title>Sign in" };
  if (person === "refuses") {
    const answer = { error: "access_denied", error_description: "The person refused", state };
    return { location: `${redirectUri}?${new URLSearchParams(answer)}` };
  }
  const code: Code = {
    code: randomToken().replaceAll(/[+/=]/g, "-"),
    ...{ clientId, redirectUri, challenge, user: signin.user },
    expiresMs: nowMs + 600_000,
    isUsed: false,
  };
  signin.codes.push(code);
  const answer = new URLSearchParams({ state, code: code.code });
  if (!isRemote) return { location: `${redirectUri}?${answer}` };
  signin.shown = btoa(`${answer}`);
  return { page: `<title>Code</title><h1>${signin.shown}</h1>` };
}

async function createToken(call: SsoCall, world: World): Promise<SsoResult> {
  const { request, nowMs, origin } = call;
  const fields = fieldsOf(request);
  const proof = await verifyProof(request, `${origin}/v1/token`, nowMs, world.signin);
  const clientId = textOf(fields, "clientId");
  if (fields["grantType"] === "authorization_code") {
    requireOnly(fields, ["clientId", "grantType", "code", "codeVerifier", "redirectUri"]);
    call.note.subject = "by code";
    return issue(call, world, {
      clientId,
      thumbprint: proof,
      ...byCode(fields, clientId, call, world),
    });
  }
  if (fields["grantType"] !== "refresh_token") throw bad("grantType");
  requireOnly(fields, ["clientId", "grantType", "refreshToken"]);
  call.note.subject = "by refresh";
  const text = textOf(fields, "refreshToken");
  const grant = world.signin.grants.find((one) => one.refreshToken === text);
  if (grant === undefined || grant.clientId !== clientId) throw bad("refreshToken");
  if (grant.thumbprint !== proof) throw bad("the key is not the one that the token is bound to");
  if (grant.isRevoked || grant.untilMs <= nowMs) throw denied("TOKEN_EXPIRED", 401);
  return issue(call, world, grant);
}

function byCode(
  fields: Readonly<Record<string, unknown>>,
  clientId: string,
  { nowMs }: SsoCall,
  { signin }: World,
) {
  const text = textOf(fields, "code");
  const code = signin.codes.find((one) => one.code === text && one.clientId === clientId);
  if (code === undefined || code.isUsed || code.expiresMs <= nowMs) {
    throw denied("AUTHCODE_EXPIRED", 401);
  }
  code.isUsed = true;
  if (textOf(fields, "redirectUri") !== code.redirectUri) throw bad("redirectUri");
  const verifier = textOf(fields, "codeVerifier");
  const isRight = /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier) &&
    challengeOf(verifier) === code.challenge;
  if (!isRight) throw bad("codeVerifier");
  return { user: code.user, untilMs: nowMs + HALF_DAY_MS, idToken: true };
}

function issue(
  call: SsoCall,
  world: World,
  grant: Pick<Grant, "clientId" | "user" | "thumbprint" | "untilMs"> & { idToken?: boolean },
): SsoResult {
  const { account, signin } = world;
  const arn = `arn:aws:iam::${account}:user/${grant.user}`;
  const user = world.users.find(({ name }) => name === grant.user);
  call.note.by = `sso/${grant.user}`;
  const seconds = signin.spec.tokenSeconds ?? 900;
  const session = world.createSession({
    kind: "session",
    arn,
    userId: user?.id ?? randomId("AIDA", 21),
    account,
    user,
    role: undefined,
    mfa: true,
    transitiveTags: new Map(),
    sourceIdentity: undefined,
  }, seconds);
  const { clientId, thumbprint, untilMs } = grant;
  const refreshToken = "ASOR" + randomToken().replaceAll(/[^A-Za-z0-9+/=_-]/g, "-");
  signin.grants.push({
    ...{ refreshToken, clientId, thumbprint, untilMs, user: grant.user },
    isRevoked: false,
  });
  const part = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return {
    json: {
      accessToken: {
        accessKeyId: session.id,
        secretAccessKey: session.secret,
        sessionToken: session.token,
      },
      tokenType: "aws_sigv4",
      expiresIn: seconds,
      refreshToken,
      ...grant.idToken && { idToken: `${part({ alg: "ES384" })}.${part({ sub: arn })}.c2ln` },
    },
  };
}

function revoke(call: SsoCall, world: World): SsoResult {
  const { request, url, nowMs } = call;
  if (url.search !== "?x-amz-client-auth-method=iam") throw bad("the query");
  const claim = parseClaim(request);
  if (claim.service !== "signin") throw bad("the service");
  const { secret, caller } = world.credentialsOf(claim.accessKeyId, claim.sessionToken);
  verifyClaim(request, claim, secret, nowMs);
  const fields = fieldsOf(request);
  requireOnly(fields, ["token"]);
  const token = textOf(fields, "token");
  if (!/^ASOR[A-Za-z0-9+/=_-]+$/.test(token)) throw bad("token");
  const grant = world.signin.grants.find((one) => one.refreshToken === token);
  const user = caller.arn.split("/").at(-1);
  call.note.by = `sso/${user}`;
  // The whole chain ends, and an unknown token is not refused (RFC 7009, 2.2).
  if (grant?.user !== user) return { json: undefined };
  for (const one of world.signin.grants) {
    if (one.thumbprint === grant?.thumbprint) one.isRevoked = true;
  }
  return { json: undefined };
}

function fieldsOf(request: WireRequest): Readonly<Record<string, unknown>> {
  const types = headerValues(request, "content-type");
  if (types.length !== 1 || types[0] !== "application/json") throw bad("Content-Type");
  return JSON.parse(new TextDecoder().decode(request.body));
}

function requireOnly(fields: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const names = Object.keys(fields).sort().join();
  if (names !== [...known].sort().join()) throw bad(`the members ${names}`);
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw bad(name);
}

const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

/** Verifies the one proof of a request, and gives the thumbprint of its key (RFC 7638). */
async function verifyProof(
  request: WireRequest,
  url: string,
  nowMs: number,
  { proofs }: Signin,
): Promise<string> {
  const [proof = "", ...others] = headerValues(request, "dpop");
  const [head = "", body = "", signature = ""] = proof.split(".");
  if (others.length > 0 || signature === "") throw bad("DPoP");
  const read = (part: string) =>
    JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })));
  const { typ, alg, jwk, ...more } = read(head);
  const { kty, crv, x, y, ...secret } = jwk ?? {};
  const hasRightHead = typ === "dpop+jwt" && alg === "ES256" && kty === "EC" && crv === "P-256" &&
    Object.keys(more).length === 0 && Object.keys(secret).length === 0;
  if (!hasRightHead) throw bad("the head of DPoP");
  const { htm, htu, iat, jti, ...extra } = read(body);
  const isOfRequest = htm === "POST" && htu === url && Math.abs(nowMs / 1000 - iat) < 300 &&
    Number.isInteger(iat) && Object.keys(extra).length === 0;
  if (!isOfRequest) throw bad("the claims of DPoP");
  if (!/^[0-9a-f-]{36}$/.test(jti) || proofs.has(jti)) throw bad("a proof that was used before");
  proofs.add(jti);
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, algorithm, true, ["verify"]);
  const signed = new TextEncoder().encode(`${head}.${body}`);
  const bytes = Uint8Array.fromBase64(signature, { alphabet: "base64url" });
  if (bytes.length !== 64 || !await crypto.subtle.verify(algorithm, key, bytes, signed)) {
    throw bad("the signature of DPoP");
  }
  const canonical = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", canonical)).toBase64(BASE64URL);
}
