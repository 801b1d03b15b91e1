import { type Endpoint, type QueryService, resolveEndpoint } from "../aws/endpoint.ts";
import type { Profile } from "../config/profile.ts";

/** Where a service answers for a profile, by its region and endpoint settings. */
export function profileEndpoint(service: QueryService, profile: Profile): Endpoint {
  return resolveEndpoint(service, {
    region: profile.region,
    stsRegionalEndpoints: profile.endpoint.stsRegionalEndpoints,
    endpointUrl: customEndpoint(service, profile),
    useFips: profile.endpoint.useFips,
    useDualstack: profile.endpoint.useDualstack,
  });
}

/** The address that the person chose for a service, if any. */
export function customEndpoint(service: QueryService, profile: Profile): string | undefined {
  const { stsEndpointUrl, iamEndpointUrl, endpointUrl } = profile.endpoint;
  return (service === "sts" ? stsEndpointUrl : iamEndpointUrl) ?? endpointUrl;
}
