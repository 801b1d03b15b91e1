import { requestIdentity, roleIdentity, sessionIdentity } from "../cache/identity.ts";
import type { CanonicalValue } from "../cache/canonical.ts";
import { policyParameters } from "../session_policies.ts";
import type { Plan, PlanStep } from "./plan.ts";
import { endpointFingerprint } from "./profile_endpoint.ts";

/**
 * The cache identities of a plan's stages, in order: first the source's own credentials, unless it
 * is a long-term key, then one for each step.
 *
 * Each includes the identity of the step before it and so the source's fingerprint: a change
 * anywhere in the chain is a miss for all later stages. Tools that key by profile name have given
 * out the wrong role (https://github.com/99designs/aws-vault/issues/1201).
 */
export async function stageIdentities(plan: Plan, fingerprint: CanonicalValue): Promise<string[]> {
  const source = { source: plan.source.row.kind, fingerprint };
  const identities = plan.source.isLongTermKey ? [] : [await requestIdentity(source)];
  for (const step of plan.steps) {
    identities.push(await stepIdentity(step, identities.at(-1) ?? source));
  }
  return identities;
}

function stepIdentity(step: PlanStep, source: CanonicalValue): Promise<string> {
  const { profile } = step;
  const endpoint = endpointFingerprint(profile);
  const policies = policyParameters(step.policies);
  if (step.rootTask !== undefined) {
    return requestIdentity({ action: step.action, source, ...step.rootTask, ...endpoint });
  }
  if (step.action === "GetFederationToken") {
    return requestIdentity({ action: step.action, source, ...policies, ...endpoint });
  }
  if (step.action === "GetSessionToken") {
    return sessionIdentity({ source, mfaSerial: step.mfa?.serial, ...endpoint });
  }
  return roleIdentity({
    action: step.action,
    source,
    roleArn: profile.roleArn!,
    externalId: profile.externalId,
    tags: profile.sessionTags,
    transitiveTagKeys: profile.transitiveTagKeys,
    sourceIdentity: profile.sourceIdentity,
    roleSessionName: profile.roleSessionName,
    mfaSerial: step.mfa?.serial,
    ...policies,
    agent: step.agent,
    ...endpoint,
  });
}
