import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { resolvePartition } from "./partitions.ts";

/**
 * The endpoint of IAM Roles Anywhere in a region: an address without a trailing slash.
 *
 * The rules are botocore's (`endpoint-rule-set-1.json` of `rolesanywhere`). Throws `bad-config` for an
 * invalid region, and for a custom address with FIPS or dual stack.
 */
export function resolveRolesAnywhereEndpoint(
  { region, endpointUrl, useFips = false, useDualstack = false }:
    & Pick<EndpointSettings, "endpointUrl" | "useFips" | "useDualstack">
    & { readonly region: string },
): string {
  if (endpointUrl !== undefined) {
    if (!useFips && !useDualstack) return endpointUrl.replace(/\/+$/, "");
    throw new VaultError(
      "bad-config",
      `Cannot use the FIPS or dual-stack endpoint of rolesanywhere: the endpoint is set to ${
        quote(endpointUrl)
      }`,
      { hints: ["Unset endpoint_url, or the setting that asks for the variant"] },
    );
  }
  const partition = resolvePartition(region);
  if (!partition.regionPattern.test(region)) {
    throw new VaultError(
      "bad-config",
      `Cannot choose an endpoint of Roles Anywhere: ${quote(region)} is not a region`,
      { hints: ["The region is that of rolesanywhere_trust_anchor_arn"] },
    );
  }
  const suffix = useDualstack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
  return `https://rolesanywhere${useFips ? "-fips" : ""}.${region}.${suffix}`;
}
