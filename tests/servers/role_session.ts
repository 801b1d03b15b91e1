/** The session of a role that somebody outside AWS takes, by a token, an assertion or a certificate. */

import type { Role } from "./roles.ts";
import type { Session, SessionRequest } from "./sessions.ts";
import type { World } from "./world.ts";

/** Makes it under the role's own account, and says whose it is. */
export function createRoleSession(
  world: World,
  { role, name, seconds, ...others }:
    & { readonly role: Role; readonly name: string; readonly seconds: number }
    & Partial<Pick<SessionRequest, "policies" | "sourceIdentity" | "isChained">>,
): { readonly session: Session; readonly arn: string; readonly userId: string } {
  const arn = `arn:aws:sts::${role.account}:assumed-role/${role.name}/${name}`;
  const userId = `${role.id}:${name}`;
  const session = world.createSession({
    kind: "role",
    arn,
    userId,
    account: role.account,
    user: undefined,
    role,
    mfa: false,
    transitiveTags: new Map(),
    sourceIdentity: undefined,
    ...others,
  }, seconds);
  return { session, arn, userId };
}
