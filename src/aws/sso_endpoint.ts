import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { resolvePartition } from "./partitions.ts";

/** The services of IAM Identity Center: `sso-oidc` gives tokens, `sso` (the portal) credentials for them. */
export type SsoService = "oidc" | "portal";

const SERVICE_NAMES: Readonly<Record<SsoService, string>> = { oidc: "oidc", portal: "portal.sso" };

/**
 * The endpoint of an Identity Center service in a region: an address without a trailing slash.
 *
 * The rules are botocore's (`endpoint-rule-set-1.json` of `sso` and `sso-oidc`). Throws `bad-config` for
 * an invalid region, and for a custom address with FIPS or dual stack.
 */
export function resolveSsoEndpoint(
  service: SsoService,
  settings: Omit<EndpointSettings, "region" | "stsRegionalEndpoints"> & { readonly region: string },
): string {
  const { region, endpointUrl, useFips = false, useDualstack = false } = settings;
  if (endpointUrl !== undefined) return customUrl(service, endpointUrl, useFips || useDualstack);
  const partition = resolvePartition(region);
  if (!partition.regionPattern.test(region)) {
    throw new VaultError(
      "bad-config",
      `Cannot choose an endpoint of Identity Center: ${quote(region)} is not a region`,
      { hints: ["Set sso_region to the region that Identity Center is in, such as us-east-1"] },
    );
  }
  const suffix = useDualstack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
  // GovCloud's plain endpoints are FIPS endpoints already.
  const isFips = useFips && !(partition.id === "aws-us-gov" && !useDualstack);
  return `https://${SERVICE_NAMES[service]}${isFips ? "-fips" : ""}.${region}.${suffix}`;
}

function customUrl(service: SsoService, url: string, hasVariant: boolean): string {
  if (!hasVariant) return url.replace(/\/+$/, "");
  throw new VaultError(
    "bad-config",
    `Cannot use the FIPS or dual-stack endpoint of ${SERVICE_NAMES[service]}: ` +
      `the endpoint is set to ${quote(url)}`,
    { hints: ["Unset endpoint_url, or the setting that asks for the variant"] },
  );
}
