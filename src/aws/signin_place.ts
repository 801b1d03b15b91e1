import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { resolvePartition } from "./partitions.ts";

/** The addresses of the service in a region, without a trailing slash. */
export interface SigninPlace {
  readonly region: string;
  readonly url: string;
  /** The address at which tokens are revoked. */
  readonly oauthUrl: string;
}

/** Partitions whose plain addresses are those of the console's sign-in; others follow the general pattern. */
const HOSTS: Readonly<Record<string, string>> = {
  aws: "signin.aws.amazon.com",
  "aws-cn": "signin.amazonaws.cn",
  "aws-us-gov": "signin.amazonaws-us-gov.com",
};

/**
 * Where people of a region sign in: botocore's rules (`endpoint-rule-set-1.json` of `signin`).
 *
 * Throws `bad-config` for an invalid region, and for a custom address with FIPS or dual stack.
 */
export function resolveSignin(
  region: string,
  settings: Pick<EndpointSettings, "endpointUrl" | "useFips" | "useDualstack"> = {},
): SigninPlace {
  const { endpointUrl, useFips = false, useDualstack = false } = settings;
  const custom = endpointUrl?.replace(/\/+$/, "");
  if (custom !== undefined) {
    if (!useFips && !useDualstack) return { region, url: custom, oauthUrl: custom };
    throw new VaultError(
      "bad-config",
      "Cannot use the FIPS or dual-stack endpoint of the sign-in: " +
        `the endpoint is set to ${quote(custom)}`,
      { hints: ["Unset endpoint_url, or the setting that asks for the variant"] },
    );
  }
  const partition = resolvePartition(region);
  if (!partition.regionPattern.test(region)) {
    throw new VaultError("bad-config", `Cannot sign in: ${quote(region)} is not a region`);
  }
  const host = HOSTS[partition.id];
  const suffix = useDualstack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
  const isPlain = !useFips && !useDualstack;
  return {
    region,
    url: isPlain && host !== undefined
      ? `https://${region}.${host}`
      : `https://signin${useFips ? "-fips" : ""}.${region}.${suffix}`,
    oauthUrl: `https://${region}.oauth.signin.aws`,
  };
}
