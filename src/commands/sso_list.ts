import { printLines } from "../print.ts";
import { withLogin } from "../sso/access_token.ts";
import { type Assignment, listAssignments } from "../sso/assignments.ts";
import { callerOf } from "../sso/login.ts";
import type { CommandContext, Invocation, SignInFlags } from "./context.ts";
import { requireSsoTarget, type SsoTarget } from "./sso_target.ts";
import { renderTable } from "./table.ts";

/** The flags of `sso list`. */
export interface SsoListFlags extends SignInFlags {
  readonly json?: boolean | undefined;
}

/** `sso list [NAME]`: the accounts and roles that the person has. */
export async function ssoList(
  this: CommandContext,
  flags: SsoListFlags,
  name?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const target = requireSsoTarget(invocation, flags, name);
  const assignments = await obtainAssignments(invocation, target);
  const lines = flags.json
    ? JSON.stringify(assignments, null, 2).split("\n")
    : renderTable(["Account", "Role", "Name"], assignments.flatMap(rowsOf));
  printLines(invocation.host.stdout, lines);
}

/** Gets them from Identity Center; a person signs in if needed. */
export async function obtainAssignments(
  invocation: Invocation,
  { login, options }: SsoTarget,
): Promise<Assignment[]> {
  const { host } = invocation;
  return await withLogin(invocation, login, { options }, ({ region, token }) => {
    const caller = callerOf(login, "portal", region);
    return listAssignments(host, caller, token.accessToken, host.stderr.isTerminal());
  });
}

function rowsOf({ accountId, accountName, roles }: Assignment): string[][] {
  return roles.map((role) => [accountId, role, accountName]);
}
