import { resolvePartition } from "../aws/partitions.ts";
import { keyIdentity, requestIdentity, roleIdentity, sessionIdentity } from "../cache/identity.ts";
import type { Profile } from "../config/profile.ts";
import type { Plan, PlanSource, PlanStep } from "./plan.ts";
import { customEndpoint, profileEndpoint } from "./profile_endpoint.ts";

/**
 * The cache identities of what a plan obtains, in order: first the source's own credentials where
 * they are cached (everything but a stored key), then one a step.
 *
 * Each holds that of the step before it, so that a change anywhere in the chain is a miss everywhere
 * behind it (pains 5: other tools handed out the wrong role).
 */
export async function stepIdentities(
  plan: Plan,
  generation: (keyName: string) => number,
): Promise<string[]> {
  const isKey = plan.source.kind === "stored-key";
  let previous = await sourceIdentity(plan.source, generation);
  const identities = isKey ? [] : [previous];
  for (const step of plan.steps) {
    previous = await stepIdentity(step, previous);
    identities.push(previous);
  }
  return identities;
}

function sourceIdentity(
  source: PlanSource,
  generation: (keyName: string) => number,
): Promise<string> | string {
  const { profile } = source;
  if (source.kind === "stored-key") return keyIdentity(profile.name, generation(profile.name));
  if (source.kind === "credential-process") {
    return requestIdentity({
      action: "credential_process",
      profile: profile.name,
      command: source.command,
    });
  }
  return requestIdentity({
    action: "AssumeRoleWithWebIdentity",
    roleArn: profile.roleArn,
    roleSessionName: profile.roleSessionName,
    tokenFile: profile.webIdentity?.tokenFile,
    tokenProcess: profile.webIdentity?.tokenProcess,
    ...endpointFields(profile),
  });
}

function stepIdentity(step: PlanStep, source: string): Promise<string> {
  const { profile } = step;
  const endpoint = endpointFields(profile);
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
    ...endpoint,
  });
}

/** What of the endpoint makes credentials another thing: the partition, a custom endpoint, and the legacy global one. */
function endpointFields(profile: Profile): {
  partition: string;
  endpointOverride: string | undefined;
  isLegacyGlobal: boolean;
} {
  const endpoint = profileEndpoint("sts", profile);
  return {
    partition: resolvePartition(profile.region ?? endpoint.signingRegion).id,
    endpointOverride: customEndpoint("sts", profile),
    isLegacyGlobal: endpoint.isLegacyGlobal,
  };
}
