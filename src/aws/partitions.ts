/** A group of regions with separate accounts, domains and sign-in pages. */
export interface Partition {
  readonly id: string;
  /** The domain of plain and FIPS endpoints. */
  readonly dnsSuffix: string;
  /** The domain of endpoints that also answer over IPv6. */
  readonly dualStackDnsSuffix: string;
  /** The signing region of services without regions, unless their rules name another. */
  readonly globalRegion: string;
  /** Matches the names of its regions, including future ones. */
  readonly regionPattern: RegExp;
}

const AWS: Partition = {
  id: "aws",
  dnsSuffix: "amazonaws.com",
  dualStackDnsSuffix: "api.aws",
  globalRegion: "us-east-1",
  regionPattern: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
};

/**
 * Every partition of AWS, as in botocore's `partitions.json`.
 *
 * A region belongs to the first partition whose pattern matches; the patterns do not overlap.
 */
export const PARTITIONS: readonly Partition[] = [
  AWS,
  {
    id: "aws-cn",
    dnsSuffix: "amazonaws.com.cn",
    dualStackDnsSuffix: "api.amazonwebservices.com.cn",
    globalRegion: "cn-northwest-1",
    regionPattern: /^cn-\w+-\d+$/,
  },
  {
    id: "aws-us-gov",
    dnsSuffix: "amazonaws.com",
    dualStackDnsSuffix: "api.aws",
    globalRegion: "us-gov-west-1",
    regionPattern: /^us-gov-\w+-\d+$/,
  },
  {
    id: "aws-eusc",
    dnsSuffix: "amazonaws.eu",
    dualStackDnsSuffix: "api.amazonwebservices.eu",
    globalRegion: "eusc-de-east-1",
    regionPattern: /^eusc-(de)-\w+-\d+$/,
  },
  {
    id: "aws-iso",
    dnsSuffix: "c2s.ic.gov",
    dualStackDnsSuffix: "api.aws.ic.gov",
    globalRegion: "us-iso-east-1",
    regionPattern: /^us-iso-\w+-\d+$/,
  },
  {
    id: "aws-iso-b",
    dnsSuffix: "sc2s.sgov.gov",
    dualStackDnsSuffix: "api.aws.scloud",
    globalRegion: "us-isob-east-1",
    regionPattern: /^us-isob-\w+-\d+$/,
  },
  {
    id: "aws-iso-e",
    dnsSuffix: "cloud.adc-e.uk",
    dualStackDnsSuffix: "api.cloud-aws.adc-e.uk",
    globalRegion: "eu-isoe-west-1",
    regionPattern: /^eu-isoe-\w+-\d+$/,
  },
  {
    id: "aws-iso-f",
    dnsSuffix: "csp.hci.ic.gov",
    dualStackDnsSuffix: "api.aws.hci.ic.gov",
    globalRegion: "us-isof-south-1",
    regionPattern: /^us-isof-\w+-\d+$/,
  },
];

/**
 * The partition of a region, by the pattern of its name; `aws` for a name without a match.
 *
 * Each partition also has its pseudo-region (`aws-global`, `aws-cn-global`, …), as in botocore.
 */
export function resolvePartition(region: string): Partition {
  return PARTITIONS.find((partition) =>
    partition.regionPattern.test(region) || region === `${partition.id}-global`
  ) ?? AWS;
}

/** The partition of an ARN, or `undefined` if it is not an ARN of a known partition. */
export function partitionOfArn(arn: string): Partition | undefined {
  const [scheme, id] = arn.split(":", 2);
  return scheme === "arn" ? PARTITIONS.find((partition) => partition.id === id) : undefined;
}
