/** Whom a call to IAM is about, and whether the caller may make it. */

import type { ActionCall } from "./action.ts";
import { denied, invalid, Refusal } from "./refusal.ts";
import type { User } from "./users.ts";

/** The user that the call is about: the one named, else the caller's own. */
export function permittedUser(call: ActionCall, action: string): User {
  const { caller, params, world } = call;
  const name = params.get("UserName");
  if (name === undefined && caller.user === undefined) {
    throw invalid("Must specify userName when calling with non-User credentials");
  }
  const user = name === undefined
    ? caller.user!
    : world.users.find((user) => user.name === name && user.account === caller.account);
  checkPermission(call, action, user);
  if (user === undefined) {
    throw new Refusal(404, "NoSuchEntity", `The user with name ${name} cannot be found.`);
  }
  return user;
}

/** A user may change itself, a role anybody in its account, unless a policy denies it. */
export function checkPermission(
  { caller }: ActionCall,
  action: string,
  user: User | undefined,
): void {
  const allowed = caller.user === undefined
    ? caller.session?.role?.allows(`iam:${action}`) === true
    : caller.user === user && caller.user.allows(`iam:${action}`, caller.mfa);
  if (allowed) return;
  throw denied(
    `User: ${caller.arn} is not authorized to perform: iam:${action} on resource: user ${
      user?.name ?? "unknown"
    } because no identity-based policy allows the iam:${action} action`,
  );
}
