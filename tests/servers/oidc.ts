/**
 * The OIDC service of IAM Identity Center, version 2019-06-10, with the page at which a person signs in.
 *
 * As strict as RFC 6749, 7636, 8252 and 8628 let it be: codes work once, PKCE is verified, redirects are
 * those that were registered except for their port, polls are counted.
 */

import { headerValues, type WireRequest } from "./http.ts";
import {
  type AuthorizationCode,
  challengeOf,
  type Client,
  type IdentityCenter,
} from "./identity_center.ts";
import { Refusal } from "./refusal.ts";

/** A call of one of Identity Center's services. */
export interface SsoCall {
  readonly center: IdentityCenter;
  readonly request: WireRequest;
  readonly url: URL;
  readonly nowMs: number;
  /** The endpoint, for addresses of pages. */
  readonly origin: string;
  /** What the call is about and who makes it, for the record. */
  note: { subject: string; by: string };
}

/** The body of an answer, or an address to go to. */
export type SsoResult = { readonly json: unknown; readonly status?: number } | {
  readonly location: string;
} | {
  readonly page: string;
};

const SCOPE = "sso:account:access";
const GRANTS = {
  device: "urn:ietf:params:oauth:grant-type:device_code",
  code: "authorization_code",
  refresh: "refresh_token",
};

export const OIDC_ACTIONS: Readonly<Record<string, readonly [string, Handler]>> = {
  "POST /client/register": ["RegisterClient", registerClient],
  "POST /device_authorization": ["StartDeviceAuthorization", startDeviceAuthorization],
  "POST /token": ["CreateToken", createToken],
  "GET /authorize": ["Authorize", authorize],
  "GET /device": ["ApproveDevice", approveDevice],
};

type Handler = (call: SsoCall) => SsoResult;

type Fields = Readonly<Record<string, unknown>>;

/** The members of a JSON body; any that the operation does not have is refused. */
function fieldsOf({ request }: SsoCall, known: readonly string[]): Fields {
  const types = headerValues(request, "content-type");
  if (types.length !== 1 || types[0] !== "application/json") throw bad("Content-Type");
  if (headerValues(request, "authorization").length > 0) throw bad("a signature");
  const fields = JSON.parse(new TextDecoder().decode(request.body)) as Fields;
  const unknown = Object.keys(fields).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw bad(`the members ${unknown.join(", ")}`);
  return fields;
}

function bad(what: string): Refusal {
  return new Refusal(400, "InvalidRequestException", `Invalid request: ${what}`);
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw bad(name);
}

function listOf(fields: Fields, name: string): string[] {
  const value = fields[name] ?? [];
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  throw bad(name);
}

function registerClient(call: SsoCall): SsoResult {
  const { center, nowMs } = call;
  const fields = fieldsOf(call, [
    "clientName",
    "clientType",
    "scopes",
    "redirectUris",
    "grantTypes",
    "issuerUrl",
  ]);
  textOf(fields, "clientName");
  if (fields.clientType !== "public") {
    throw new Refusal(400, "InvalidClientMetadataException", "clientType");
  }
  const grantTypes = listOf(fields, "grantTypes");
  const scopes = listOf(fields, "scopes");
  const redirectUris = listOf(fields, "redirectUris");
  const isPkce = grantTypes.includes(GRANTS.code);
  call.note.subject = isPkce ? "for a code" : "for a device";
  if (isPkce) checkCodeClient(center, fields, redirectUris);
  if (scopes.some((scope) => !scope.startsWith("sso:") && !scope.startsWith("codewhisperer:"))) {
    throw new Refusal(400, "InvalidScopeException", "Invalid scope");
  }
  const known = Object.values(GRANTS);
  if (grantTypes.some((grant) => !known.includes(grant))) {
    throw new Refusal(400, "UnsupportedGrantTypeException", "Unsupported grant type");
  }
  const client = center.addClient({ scopes, grantTypes, redirectUris }, nowMs);
  return {
    json: {
      clientId: client.id,
      clientSecret: client.secret,
      clientIdIssuedAt: Math.floor(nowMs / 1000),
      clientSecretExpiresAt: Math.floor(client.expiresMs / 1000),
    },
  };
}

function checkCodeClient(center: IdentityCenter, fields: Fields, redirectUris: string[]): void {
  const { pkceRefusal } = center.spec;
  if (pkceRefusal !== undefined) throw new Refusal(400, pkceRefusal, "Not possible here");
  if (textOf(fields, "issuerUrl") !== center.spec.startUrl) throw bad("issuerUrl");
  // AWS takes a loopback address by number, without a port and with this path only.
  if (redirectUris.join() !== "http://127.0.0.1/oauth/callback") {
    throw new Refusal(400, "InvalidRedirectUriException", "Invalid redirect URI");
  }
}

/** The client that a call names, with its secret; throws as AWS does. */
function clientOf(call: SsoCall, fields: Fields): Client {
  const { center, nowMs } = call;
  const id = textOf(fields, "clientId");
  const client = center.clients.find((one) => one.id === id);
  if (client === undefined || client.secret !== textOf(fields, "clientSecret")) {
    throw new Refusal(401, "InvalidClientException", "Invalid client");
  }
  if (client.expiresMs <= nowMs) {
    throw new Refusal(401, "InvalidClientException", "The client registration has expired");
  }
  call.note.by = "client";
  return client;
}

function startDeviceAuthorization(call: SsoCall): SsoResult {
  const { center, nowMs, origin } = call;
  const fields = fieldsOf(call, ["clientId", "clientSecret", "startUrl"]);
  const client = clientOf(call, fields);
  if (textOf(fields, "startUrl") !== center.spec.startUrl) throw bad("startUrl");
  const device = center.addDevice(client, nowMs);
  return {
    json: {
      deviceCode: device.code,
      userCode: device.userCode,
      verificationUri: `${origin}/device`,
      verificationUriComplete: `${origin}/device?user_code=${device.userCode}`,
      expiresIn: center.spec.codeSeconds,
      interval: center.spec.intervalSeconds,
    },
  };
}

function createToken(call: SsoCall): SsoResult {
  const fields = fieldsOf(call, [
    "clientId",
    "clientSecret",
    "grantType",
    "deviceCode",
    "code",
    "redirectUri",
    "codeVerifier",
    "refreshToken",
    "scope",
  ]);
  const grant = textOf(fields, "grantType");
  const short = Object.entries(GRANTS).find(([, name]) => name === grant)?.[0];
  call.note.subject = short === undefined ? grant : `by ${short}`;
  const client = clientOf(call, fields);
  // A client that names no grants is one for devices, as all were before there were others.
  const usual = [GRANTS.device, GRANTS.refresh];
  const registered = client.grantTypes.length === 0 ? usual : client.grantTypes;
  if (short === undefined) throw new Refusal(400, "UnsupportedGrantTypeException", "Unsupported");
  if (!registered.includes(grant)) {
    throw new Refusal(400, "UnauthorizedClientException", "The client has no such grant");
  }
  if (grant === GRANTS.device) return byDevice(call, fields, client);
  if (grant === GRANTS.code) return byCode(call, fields, client);
  return byRefreshToken(call, fields, client);
}

function byDevice(call: SsoCall, fields: Fields, client: Client): SsoResult {
  const { center, nowMs } = call;
  const code = textOf(fields, "deviceCode");
  const device = center.devices.find((one) => one.code === code && one.client === client);
  if (device === undefined || device.isUsed) {
    throw new Refusal(400, "InvalidGrantException", "Invalid device code");
  }
  if (device.expiresMs <= nowMs) {
    throw new Refusal(400, "ExpiredTokenException", "Invalid Device code expired");
  }
  // A poll that is on its way when the second ends is not early; a whole second is.
  const isEarly = nowMs - device.lastPollMs < device.intervalMs - 100;
  device.lastPollMs = nowMs;
  if (isEarly || center.slowDownsLeft > 0) {
    if (!isEarly) center.slowDownsLeft--;
    device.intervalMs += 5000;
    throw new Refusal(400, "SlowDownException", isEarly ? "too early" : "Slow down");
  }
  if (center.spec.person === "refuses") {
    throw new Refusal(400, "AccessDeniedException", "The person refused");
  }
  if (center.spec.person === "waits" || device.pendingLeft > 0) {
    device.pendingLeft--;
    throw new Refusal(400, "AuthorizationPendingException", "Authorization is pending");
  }
  device.isUsed = true;
  const mayRefresh = client.scopes.includes(SCOPE);
  return tokens(call, client, client.scopes, mayRefresh);
}

function byCode(call: SsoCall, fields: Fields, client: Client): SsoResult {
  const { center, nowMs } = call;
  const text = textOf(fields, "code");
  const code = center.codes.find((one) => one.code === text && one.client === client);
  if (code === undefined || code.isUsed) {
    throw new Refusal(400, "InvalidGrantException", "Invalid authorization code");
  }
  code.isUsed = true;
  if (code.expiresMs <= nowMs) {
    throw new Refusal(400, "InvalidGrantException", "The authorization code has expired");
  }
  if (textOf(fields, "redirectUri") !== code.redirectUri) throw bad("redirectUri");
  checkVerifier(code, textOf(fields, "codeVerifier"));
  const mayRefresh = client.grantTypes.includes(GRANTS.refresh) && code.scopes.includes(SCOPE);
  return tokens(call, client, code.scopes, mayRefresh);
}

function checkVerifier(code: AuthorizationCode, verifier: string): void {
  if (!/^[A-Za-z0-9\-._~]{43,128}$/.test(verifier)) throw bad("codeVerifier");
  if (challengeOf(verifier) === code.challenge) return;
  throw new Refusal(400, "InvalidGrantException", "The code verifier does not fit");
}

function byRefreshToken(call: SsoCall, fields: Fields, client: Client): SsoResult {
  const { center } = call;
  const text = textOf(fields, "refreshToken");
  const before = center.signIns.find((one) => one.refreshToken === text);
  if (before === undefined || before.isRefreshed || before.client !== client) {
    throw new Refusal(400, "InvalidGrantException", "Invalid refresh token provided");
  }
  before.isRefreshed = true;
  return tokens(call, client, before.scopes, true, before.user);
}

function tokens(
  { center, nowMs }: SsoCall,
  client: Client,
  scopes: readonly string[],
  mayRefresh: boolean,
  user?: string,
): SsoResult {
  const signIn = center.addSignIn(client, scopes, mayRefresh, nowMs, user);
  return {
    json: {
      accessToken: signIn.accessToken,
      tokenType: "Bearer",
      expiresIn: center.spec.tokenSeconds,
      ...signIn.refreshToken !== undefined && { refreshToken: signIn.refreshToken },
    },
  };
}

/** The page of the authorization endpoint: the person who is signed in there answers at once. */
function authorize(call: SsoCall): SsoResult {
  const { center, url, nowMs } = call;
  center.pagesOpened++;
  const query = url.searchParams;
  const names = [...query.keys()];
  if (new Set(names).size !== names.length) throw bad("a parameter is given twice");
  const need = (name: string, pattern: RegExp): string => {
    const value = query.get(name) ?? "";
    if (!pattern.test(value)) throw bad(name);
    return value;
  };
  const client = center.clients.find(({ id }) => id === query.get("client_id"));
  if (client === undefined || !client.grantTypes.includes(GRANTS.code)) throw bad("client_id");
  need("response_type", /^code$/);
  need("code_challenge_method", /^S256$/);
  const challenge = need("code_challenge", /^[A-Za-z0-9_-]{43}$/);
  const state = need("state", /^.{16,}$/);
  const scopes = (query.get("scopes") ?? query.get("scope") ?? "").split(" ");
  if (scopes.some((scope) => !client.scopes.includes(scope))) throw bad("scopes");
  const redirectUri = need("redirect_uri", /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
  const registered = redirectUri.replace(/:\d+/, "");
  if (!client.redirectUris.includes(registered)) throw bad("redirect_uri");
  const { person } = center.spec;
  if (person === "waits") return { page: "<title>Sign in</title>Sign in" };
  const answer = person === "refuses"
    ? { error: "access_denied", error_description: "The person <refused>", state }
    : { code: center.addCode({ client, redirectUri, challenge, scopes }, nowMs).code, state };
  return { location: `${redirectUri}?${new URLSearchParams(answer)}` };
}

/** The page at which a device's code is confirmed; the person's answer is in the world's description. */
function approveDevice({ center }: SsoCall): SsoResult {
  center.pagesOpened++;
  return { page: "<title>Device</title>Confirm the code" };
}
