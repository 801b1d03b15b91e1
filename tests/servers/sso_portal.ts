/** The access portal of IAM Identity Center, version 2019-06-10. */

import { headerValues } from "./http.ts";
import type { SignIn } from "./identity_center.ts";
import type { SsoCall, SsoResult } from "./oidc.ts";
import { randomId } from "./random_ids.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

type Handler = (call: SsoCall, world: World) => SsoResult;

export const PORTAL_ACTIONS: Readonly<Record<string, readonly [string, Handler]>> = {
  "GET /federation/credentials": ["GetRoleCredentials", getRoleCredentials],
  "GET /assignment/accounts": ["ListAccounts", listAccounts],
  "GET /assignment/roles": ["ListAccountRoles", listAccountRoles],
  "POST /logout": ["Logout", logout],
  // A company's own address of its access portal, which is not AWS's.
  "HEAD /portal-of-the-company": ["Vanity", vanity],
};

function vanity({ center }: SsoCall): SsoResult {
  return { location: center.spec.startUrl };
}

function signInOf(call: SsoCall): SignIn {
  const tokens = headerValues(call.request, "x-amz-sso_bearer_token");
  if (headerValues(call.request, "authorization").length > 0) throw invalid("a signature");
  const signIn = tokens.length === 1 ? call.center.findSignIn(tokens[0], call.nowMs) : undefined;
  if (signIn === undefined) {
    throw new Refusal(401, "UnauthorizedException", "Session token not found or invalid");
  }
  if (!signIn.scopes.includes("sso:account:access") && signIn.scopes.length > 0) {
    throw new Refusal(401, "UnauthorizedException", "The token has no scope sso:account:access");
  }
  call.note.by = `sso/${signIn.user}`;
  return signIn;
}

function invalid(what: string): Refusal {
  return new Refusal(400, "InvalidRequestException", `Invalid request: ${what}`);
}

function parameter({ url }: SsoCall, name: string, pattern: RegExp): string {
  const values = url.searchParams.getAll(name);
  if (values.length === 1 && pattern.test(values[0]!)) return values[0]!;
  throw invalid(name);
}

function checkNames({ url }: SsoCall, names: readonly string[]): void {
  for (const name of url.searchParams.keys()) if (!names.includes(name)) throw invalid(name);
}

function getRoleCredentials(call: SsoCall, world: World): SsoResult {
  checkNames(call, ["role_name", "account_id"]);
  const account = parameter(call, "account_id", /^\d{12}$/);
  const role = parameter(call, "role_name", /^[\w+=,.@-]{1,64}$/);
  call.note.subject = `${account}/${role}`;
  const { user } = signInOf(call);
  const assigned = call.center.spec.accounts.find(({ id }) => id === account);
  if (assigned === undefined) throw new Refusal(404, "ResourceNotFoundException", "No access");
  if (!assigned.roles.includes(role)) throw new Refusal(403, "ForbiddenException", "No access");
  const name = `AWSReservedSSO_${role}_0123456789abcdef`;
  const session = world.createSession({
    kind: "role",
    arn: `arn:aws:sts::${account}:assumed-role/${name}/${user}`,
    userId: `${randomId("AROA", 21)}:${user}`,
    account,
    user: undefined,
    role: world.assignedRole(name, account),
    mfa: false,
    transitiveTags: new Map(),
    sourceIdentity: undefined,
  }, call.center.spec.roleSeconds);
  return {
    json: {
      roleCredentials: {
        accessKeyId: session.id,
        secretAccessKey: session.secret,
        sessionToken: session.token,
        expiration: session.expiresMs,
      },
    },
  };
}

function listAccounts(call: SsoCall): SsoResult {
  checkNames(call, ["max_result", "next_token"]);
  signInOf(call);
  const accounts = call.center.spec.accounts.map(({ id, name, email }) => ({
    accountId: id,
    accountName: name,
    emailAddress: email ?? `${id}@example.com`,
  }));
  const { page, nextToken } = pageOf(call, accounts);
  return { json: { accountList: page, nextToken } };
}

function listAccountRoles(call: SsoCall): SsoResult {
  checkNames(call, ["account_id", "max_result", "next_token"]);
  const account = parameter(call, "account_id", /^\d{12}$/);
  call.note.subject = account;
  signInOf(call);
  const assigned = call.center.spec.accounts.find(({ id }) => id === account);
  if (assigned === undefined) throw new Refusal(404, "ResourceNotFoundException", "No access");
  const roles = assigned.roles.map((roleName) => ({ roleName, accountId: account }));
  const { page, nextToken } = pageOf(call, roles);
  return { json: { roleList: page, nextToken } };
}

function pageOf<T>(call: SsoCall, all: readonly T[]): { page: T[]; nextToken: string | null } {
  const { searchParams } = call.url;
  const asked = searchParams.has("max_result")
    ? Number(parameter(call, "max_result", /^([1-9]\d?|100)$/))
    : 100;
  const size = Math.min(asked, call.center.spec.pageSize);
  const from = searchParams.has("next_token")
    ? Number(parameter(call, "next_token", /^page-\d+$/).slice(5))
    : 0;
  const to = from + size;
  return { page: all.slice(from, to), nextToken: to < all.length ? `page-${to}` : null };
}

function logout(call: SsoCall): SsoResult {
  const signIn = signInOf(call);
  for (const one of call.center.signIns.filter(({ user }) => user === signIn.user)) {
    one.isOver = true;
    one.isRefreshed = true;
  }
  return { json: undefined };
}
