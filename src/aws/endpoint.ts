import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { type Partition, resolvePartition } from "./partitions.ts";

/** The services that are called with signed Query requests. */
export type QueryService = "sts" | "iam";

/** The settings that decide where a request goes. */
export interface EndpointSettings {
  /** Absent: STS answers at its global endpoint, as in aws-vault 7. */
  readonly region?: string | undefined;
  /** `sts_regional_endpoints`: `regional` (the default) or `legacy`; anything else is an error. */
  readonly stsRegionalEndpoints?: string | undefined;
  /** A custom endpoint (`endpoint_url`, `AWS_ENDPOINT_URL`, …). */
  readonly endpointUrl?: string | undefined;
  readonly useFips?: boolean | undefined;
  readonly useDualstack?: boolean | undefined;
}

/** Where a request goes, and the region and service that it is signed for. */
export interface Endpoint {
  readonly url: string;
  readonly signingRegion: string;
  readonly signingService: QueryService;
  /**
   * STS's global endpoint: its sessions are not valid in opt-in regions, so they are cached
   * separately (AWS: "Session token compatibility").
   */
  readonly isLegacyGlobal: boolean;
}

/** The regions that `sts_regional_endpoints = legacy` sends to the global endpoint (botocore `args.py`). */
const LEGACY_GLOBAL_REGIONS: ReadonlySet<string> = new Set([
  "ap-northeast-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "aws-global",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
]);

/**
 * Resolves the endpoint of a service, by botocore's endpoint rules of STS and IAM.
 *
 * Throws `bad-config` for settings that contradict each other (a custom endpoint with FIPS or
 * dual-stack) or are invalid.
 */
export function resolveEndpoint(service: QueryService, settings: EndpointSettings): Endpoint {
  if (settings.region !== undefined) checkRegion(settings.region);
  const mode = settings.stsRegionalEndpoints?.toLowerCase() ?? "regional";
  if (mode !== "regional" && mode !== "legacy") {
    throw new VaultError(
      "bad-config",
      `Cannot choose an STS endpoint: sts_regional_endpoints is ${quote(mode)}`,
      { hints: ['Set sts_regional_endpoints to "regional" or "legacy"'] },
    );
  }
  if (settings.endpointUrl !== undefined) return resolveCustom(service, settings);
  return service === "iam" ? resolveIam(settings) : resolveSts(settings, mode === "legacy");
}

/** A region becomes part of a host name: other characters could send signed requests elsewhere. */
function checkRegion(region: string): void {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(region)) return;
  throw new VaultError(
    "bad-config",
    `Cannot choose an endpoint: ${quote(region)} is not a region`,
    {
      hints: ["Regions look like us-east-1"],
    },
  );
}

function resolveCustom(service: QueryService, settings: EndpointSettings): Endpoint {
  const url = settings.endpointUrl ?? "";
  const variant = settings.useFips ? "FIPS" : settings.useDualstack ? "dual-stack" : undefined;
  if (variant !== undefined) {
    throw new VaultError(
      "bad-config",
      `Cannot use the ${variant} endpoint of ${service}: the endpoint is set to ${quote(url)}`,
      { hints: [`Unset endpoint_url, or the setting that asks for ${variant}`] },
    );
  }
  const parsed = URL.parse(url) ?? undefined;
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol)) {
    throw new VaultError("bad-config", `Cannot use ${quote(url)} as the endpoint of ${service}`, {
      hints: ["Write endpoint_url as a full URL, such as https://sts.example.com"],
    });
  }
  // Signed for the configured region, not IAM's own: botocore does this, and services verify it.
  const signingRegion = settings.region ?? "us-east-1";
  return { url: parsed.href, signingRegion, signingService: service, isLegacyGlobal: false };
}

function resolveSts(settings: EndpointSettings, legacy: boolean): Endpoint {
  const { useFips = false, useDualstack = false } = settings;
  const region = settings.region ?? "us-east-1";
  const plain = !useFips && !useDualstack;
  const isGlobal = settings.region === undefined || region === "aws-global" ||
    (legacy && LEGACY_GLOBAL_REGIONS.has(region));
  if (plain && isGlobal) {
    return at("sts", "sts.amazonaws.com", "us-east-1", true);
  }
  const partition = resolvePartition(region);
  const suffix = useDualstack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
  // GovCloud's plain endpoints are FIPS endpoints already.
  const fips = useFips && !(partition.id === "aws-us-gov" && !useDualstack);
  return at("sts", `${fips ? "sts-fips" : "sts"}.${region}.${suffix}`, region);
}

function at(service: QueryService, host: string, region: string, isLegacyGlobal = false): Endpoint {
  return {
    url: `https://${host}/`,
    signingRegion: region,
    signingService: service,
    isLegacyGlobal,
  };
}

/** IAM's hosts, which follow no pattern; an unlisted variant follows the general pattern. */
const IAM_HOSTS: Readonly<Record<string, { plain: string; dualstack?: string; fips?: string }>> = {
  aws: {
    plain: "iam.amazonaws.com",
    dualstack: "iam.global.api.aws",
    fips: "iam-fips.amazonaws.com",
  },
  "aws-cn": {
    plain: "iam.cn-north-1.amazonaws.com.cn",
    dualstack: "iam.global.api.amazonwebservices.com.cn",
  },
  "aws-us-gov": {
    plain: "iam.us-gov.amazonaws.com",
    dualstack: "iam.us-gov.api.aws",
    fips: "iam.us-gov.amazonaws.com",
  },
  "aws-eusc": { plain: "iam.eusc-de-east-1.amazonaws.eu" },
  "aws-iso": {
    plain: "iam.us-iso-east-1.c2s.ic.gov",
    fips: "iam-fips.us-iso-east-1.c2s.ic.gov",
  },
  "aws-iso-b": {
    plain: "iam.us-isob-east-1.sc2s.sgov.gov",
    fips: "iam-fips.us-isob-east-1.sc2s.sgov.gov",
  },
  "aws-iso-e": { plain: "iam.eu-isoe-west-1.cloud.adc-e.uk" },
  "aws-iso-f": { plain: "iam.us-isof-south-1.csp.hci.ic.gov" },
};

/** The region that signs IAM requests; in China it is not the partition's global region. */
function iamSigningRegion(partition: Partition): string {
  return partition.id === "aws-cn" ? "cn-north-1" : partition.globalRegion;
}

function resolveIam(settings: EndpointSettings): Endpoint {
  const { useFips = false, useDualstack = false } = settings;
  const partition = resolvePartition(settings.region ?? "us-east-1");
  const known = IAM_HOSTS[partition.id];
  const variant = useFips ? (useDualstack ? "both" : "fips") : useDualstack ? "dualstack" : "plain";
  const suffix = useDualstack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
  const pattern = `${useFips ? "iam-fips" : "iam"}.${suffix}`;
  const named = {
    plain: known?.plain,
    fips: known?.fips,
    dualstack: known?.dualstack,
    both: bothHost(partition),
  }[variant];
  // Where the rules fall back to the pattern with FIPS, China signs for its global region instead.
  const region = useFips ? partition.globalRegion : iamSigningRegion(partition);
  return at("iam", named ?? pattern, region);
}

function bothHost(partition: Partition): string | undefined {
  if (partition.id === "aws") return "iam-fips.global.api.aws";
  if (partition.id === "aws-us-gov") return "iam.us-gov.api.aws";
  return undefined;
}
