import { type Endpoint, type QueryService, resolveEndpoint } from "../aws/endpoint.ts";
import { resolvePartition } from "../aws/partitions.ts";
import type { EndpointIdentity } from "../cache/identity.ts";
import type { Profile } from "../config/profile.ts";

/** The endpoint of a service for a profile, by its region and endpoint settings. */
export function profileEndpoint(service: QueryService, profile: Profile): Endpoint {
  return resolveEndpoint(service, {
    region: profile.region,
    stsRegionalEndpoints: profile.endpoint.stsRegionalEndpoints,
    endpointUrl: customEndpoint(service, profile),
    useFips: profile.endpoint.useFips,
    useDualstack: profile.endpoint.useDualstack,
  });
}

/**
 * The parts of a profile's STS endpoint on which credentials depend: the partition, a custom
 * endpoint, and whether it is the legacy global one, whose tokens do not work in opt-in regions.
 */
export function endpointFingerprint(profile: Profile): Required<EndpointIdentity> {
  const endpoint = profileEndpoint("sts", profile);
  return {
    partition: resolvePartition(profile.region ?? endpoint.signingRegion).id,
    endpointOverride: customEndpoint("sts", profile),
    isLegacyGlobal: endpoint.isLegacyGlobal,
  };
}

/** The URL that the person configured for a service, if any. */
function customEndpoint(service: QueryService, profile: Profile): string | undefined {
  const { stsEndpointUrl, iamEndpointUrl, endpointUrl } = profile.endpoint;
  return (service === "sts" ? stsEndpointUrl : iamEndpointUrl) ?? endpointUrl;
}
