import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import { getCallerIdentity, getFederationToken } from "../aws/sts.ts";
import type { Credentials } from "../credentials.ts";
import { policyParameters, type SessionPolicies } from "../session_policies.ts";

/**
 * All that the user may: a federated user has what this policy and the user's own both allow. aws-vault 7
 * gives the same.
 */
const EVERYTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

/** What a federated user's name cannot have (STS API, GetFederationToken); it has 2 to 32 characters. */
const NOT_OF_NAME = /[^\w+=,.@-]/g;

/** Credentials of a federated user with the name and rights of the key's user, or narrowed to policies. */
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
