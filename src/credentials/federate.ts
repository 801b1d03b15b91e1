import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import { getCallerIdentity, getFederationToken } from "../aws/sts.ts";
import type { Credentials } from "../credentials.ts";
import { policyParameters, type SessionPolicies } from "../session_policies.ts";

/**
 * All of the user's permissions: a federated user has what both this policy and the user's own
 * policies allow. aws-vault 7 does the same.
 */
const EVERYTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

/** Characters that a federated user's name cannot have (STS API, GetFederationToken); it has 2 to 32. */
const NOT_OF_NAME = /[^\w+=,.@-]/g;

/** Credentials of a federated user with the name of the key's user, and its permissions or `policies`. */
export async function federate(
  deps: AwsDeps,
  caller: AwsCaller,
  durationSeconds: number,
  policies?: SessionPolicies,
): Promise<Credentials> {
  // Needs no permission, unlike IAM's GetUser.
  const { arn } = await getCallerIdentity(deps, caller);
  const user = arn.split("/").at(-1)!.replace(NOT_OF_NAME, "-").slice(0, 32);
  const name = user.length < 2 ? `${user}-user` : user;
  return await getFederationToken(deps, caller, {
    name,
    durationSeconds,
    ...policies === undefined ? { policy: EVERYTHING } : policyParameters(policies),
  });
}
