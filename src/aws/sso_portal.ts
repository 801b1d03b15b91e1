/**
 * The access portal of IAM Identity Center (`sso`, version 2019-06-10): the accounts and roles of a person
 * who signed in, and credentials for them.
 *
 * Source: botocore's `data/sso/2019-06-10/service-2.json`.
 */

import type { Credentials } from "../credentials.ts";
import { Secret } from "../secret.ts";
import { AnswerReader, callRest, type RestCall, type RestCaller } from "./rest_json.ts";
import type { AwsDeps, AwsFault } from "./send.ts";

/** Role credentials of Identity Center last twelve hours at most. */
const LONGEST_SECONDS = 12 * 3600;
const MAX_RESULT = "100";

/** A role in an account. */
export interface AssignedRole {
  readonly accountId: string;
  readonly roleName: string;
}

/** An account in which the person has a role. */
export interface AssignedAccount {
  readonly accountId: string;
  readonly accountName: string;
  readonly emailAddress: string;
}

/** Gets credentials of a role that is assigned to the person. */
export async function getRoleCredentials(
  deps: AwsDeps,
  caller: RestCaller,
  accessToken: Secret,
  { accountId, roleName }: AssignedRole,
): Promise<Credentials> {
  const answer = await get(deps, caller, accessToken, {
    action: "GetRoleCredentials",
    subject: `role "${roleName}" of account ${accountId}`,
    path: "/federation/credentials",
    query: { role_name: roleName, account_id: accountId },
    requires: ["roleCredentials"],
    explain: explainRole,
  });
  const read = new AnswerReader("GetRoleCredentials", answer).member("roleCredentials");
  return {
    accessKeyId: read.text("accessKeyId", /^\w{1,128}$/),
    secretAccessKey: new Secret(read.text("secretAccessKey")),
    sessionToken: new Secret(read.text("sessionToken")),
    expiration: expirationOf(deps, read),
    accountId,
  };
}

/** Credentials that never end would be served from the cache forever. */
function expirationOf({ clock }: AwsDeps, read: AnswerReader): Temporal.Instant {
  const now = clock.now();
  const ms = read.count("expiration");
  if (ms <= now.epochMilliseconds) {
    throw read.bad("its credentials have expired", ["Check this machine's clock"]);
  }
  const latest = now.add({ seconds: LONGEST_SECONDS });
  return Temporal.Instant.fromEpochMilliseconds(Math.min(ms, latest.epochMilliseconds));
}

/** The accounts in which the person has a role, page by page. */
export async function* listAccounts(
  deps: AwsDeps,
  caller: RestCaller,
  accessToken: Secret,
): AsyncGenerator<AssignedAccount> {
  const list = { action: "ListAccounts", path: "/assignment/accounts", member: "accountList" };
  for await (const read of pages(deps, caller, accessToken, list)) {
    yield {
      accountId: read.text("accountId", /^\d{12}$/),
      accountName: read.text("accountName", /^[^]{0,256}$/),
      emailAddress: read.text("emailAddress", /^[^]{0,256}$/),
    };
  }
}

/** The person's roles in an account, page by page. */
export async function* listAccountRoles(
  deps: AwsDeps,
  caller: RestCaller,
  accessToken: Secret,
  accountId: string,
): AsyncGenerator<AssignedRole> {
  const list = {
    action: "ListAccountRoles",
    subject: `account ${accountId}`,
    path: "/assignment/roles",
    member: "roleList",
    query: { account_id: accountId },
  };
  for await (const read of pages(deps, caller, accessToken, list)) {
    yield { accountId, roleName: read.text("roleName", /^[\w+=,.@-]{1,64}$/) };
  }
}

/** Ends the sign-in at AWS, for every device and program that shares the person's portal session. */
export async function logout(
  deps: AwsDeps,
  caller: RestCaller,
  accessToken: Secret,
): Promise<void> {
  await callRest(deps, {
    ...caller,
    action: "Logout",
    retry: "always",
    method: "POST",
    path: "/logout",
    headers: bearer(accessToken),
    requires: [],
  });
}

interface Get extends Pick<RestCall, "explain"> {
  readonly action: string;
  readonly subject?: string | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
}

async function get(
  deps: AwsDeps,
  caller: RestCaller,
  accessToken: Secret,
  { query = {}, path, ...call }: Get & { readonly requires: readonly string[] },
) {
  return await callRest(deps, {
    ...caller,
    ...call,
    subject: call.subject,
    retry: "always",
    method: "GET",
    path: `${path}?${new URLSearchParams(query)}`,
    headers: bearer(accessToken),
  });
}

async function* pages(
  deps: AwsDeps,
  caller: RestCaller,
  accessToken: Secret,
  { member, query, ...call }: Get & { readonly member: string },
): AsyncGenerator<AnswerReader> {
  const seen = new Set<string>();
  let next: string | undefined;
  do {
    const answer = await get(deps, caller, accessToken, {
      ...call,
      query: { ...query, max_result: MAX_RESULT, ...next !== undefined && { next_token: next } },
      requires: [member],
      explain: explainList,
    });
    const read = new AnswerReader(call.action, answer);
    yield* read.list(member);
    next = read.optionalText("nextToken") || undefined;
    // Pages that form a loop would never end.
    if (next !== undefined && seen.has(next)) throw read.bad("its pages form a loop");
    if (next !== undefined) seen.add(next);
  } while (next !== undefined);
}

function bearer(accessToken: Secret): Record<string, string> {
  return { "x-amz-sso_bearer_token": accessToken.reveal() };
}

function explainRole({ code }: AwsFault): readonly string[] {
  switch (code) {
    case "ForbiddenException":
      return [
        "The role is not assigned to you: ask the administrators of Identity Center for it",
        "See which are: aws-vault sso list",
      ];
    case "ResourceNotFoundException":
      return [
        "You have no such account or role: check sso_account_id and sso_role_name",
        "See what you have: aws-vault sso list",
      ];
    default:
      return explainList({ code });
  }
}

function explainList({ code }: Pick<AwsFault, "code">): readonly string[] {
  switch (code) {
    case "ForbiddenException":
    case "ResourceNotFoundException":
      return ["Identity Center does not show you this: ask its administrators"];
    case "TooManyRequestsException":
      return ["Identity Center answers about 20 requests per second: try again later"];
    default:
      return [];
  }
}
