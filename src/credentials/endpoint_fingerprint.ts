import { resolvePartition } from "../aws/partitions.ts";
import type { EndpointIdentity } from "../cache/identity.ts";
import type { Profile } from "../config/profile.ts";
import { customEndpoint, profileEndpoint } from "./profile_endpoint.ts";

/**
 * What of a profile's STS endpoint makes credentials another thing: the partition, a custom endpoint,
 * and whether it is the legacy global one, whose tokens do not work in opt-in regions.
 */
export function endpointFingerprint(profile: Profile): Required<EndpointIdentity> {
  const endpoint = profileEndpoint("sts", profile);
  return {
    partition: resolvePartition(profile.region ?? endpoint.signingRegion).id,
    endpointOverride: customEndpoint("sts", profile),
    isLegacyGlobal: endpoint.isLegacyGlobal,
  };
}
