/** The accounts and roles that a person has. */

import { type AssignedAccount, listAccountRoles, listAccounts } from "../aws/sso_portal.ts";
import type { RestCaller } from "../aws/rest_json.ts";
import type { AwsDeps } from "../aws/send.ts";
import { Progress } from "../progress.ts";
import type { Secret } from "../secret.ts";
import { pacedHttp } from "./pace.ts";

/** An account with the names of the person's roles in it. */
export interface Assignment extends AssignedAccount {
  readonly roles: readonly string[];
}

/** The number of concurrent requests; the pace limits how many start per second. */
const AT_ONCE = 6;
const FIRST_NOTE_AFTER_MS = 1_000;

/** Lists them as fast as Identity Center answers, sorted by the account's name and ID and the role's name. */
export async function listAssignments(
  deps: AwsDeps,
  caller: RestCaller,
  accessToken: Secret,
  showsProgress: boolean,
): Promise<Assignment[]> {
  const paced = { ...deps, http: pacedHttp(deps.http, deps.clock) };
  const accounts: AssignedAccount[] = [];
  for await (const account of listAccounts(paced, caller, accessToken)) accounts.push(account);
  const work = { total: accounts.length, nouns: "accounts" };
  const progress = showsProgress ? new Progress(deps, work, FIRST_NOTE_AFTER_MS) : undefined;
  const found: Assignment[] = [];
  const left = [...accounts];
  const take = async () => {
    for (let account = left.pop(); account !== undefined; account = left.pop()) {
      const roles: string[] = [];
      const list = listAccountRoles(paced, caller, accessToken, account.accountId);
      for await (const { roleName } of list) roles.push(roleName);
      found.push({ ...account, roles: roles.sort() });
      progress?.step();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  return found.sort((a, b) =>
    compare(a.accountName, b.accountName) || compare(a.accountId, b.accountId)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
