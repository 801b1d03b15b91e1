import { type Partition, partitionOfArn, resolvePartition } from "../aws/partitions.ts";
import { VaultError } from "../errors.ts";
import type { Env } from "../host.ts";
import { commandLine, quote } from "../text.ts";
import type { Plan } from "./plan.ts";

/** The signing region if none is set, as in the AWS CLI. */
const DEFAULT_REGION = "us-east-1";

/**
 * Throws `bad-config` for a `role_arn` that is not an ARN, or is not in the partition of the region
 * in which it would be assumed.
 *
 * STS of one partition does not know the roles of another, and answers `InvalidClientTokenId` or
 * `AccessDenied`, which makes people check their key or the trust policy.
 */
export function requireOwnPartition(
  { profile, source, steps }: Plan,
  env: Pick<Env, "get">,
): void {
  const roles = steps.filter(({ action }) => action === "AssumeRole").map((step) => step.profile);
  const own = source.row.takesRole ? [source.profile] : [];
  for (const { name, roleArn = "", region } of [...own, ...roles]) {
    if (roleArn !== "" && !roleArn.startsWith("arn:")) throw notArn(name, roleArn);
    const wanted = partitionOfArn(roleArn);
    const given = resolvePartition(region || DEFAULT_REGION);
    if (wanted === undefined || wanted.id === given.id) continue;
    throw elsewhere(profile.name, { name, roleArn, region }, wanted, variableOf(region, env));
  }
}

/** The variable that sets the region: it takes precedence over the profile. */
function variableOf(region: string | undefined, env: Pick<Env, "get">): string | undefined {
  if (!region) return undefined;
  const set = ["AWS_REGION", "AWS_DEFAULT_REGION"].find((name) => env.get(name));
  return set !== undefined && env.get(set) === region ? set : undefined;
}

interface RoleAndRegion {
  readonly name: string;
  readonly roleArn: string;
  readonly region: string | undefined;
}

function elsewhere(
  asked: string,
  { name, roleArn, region }: RoleAndRegion,
  wanted: Partition,
  variable: string | undefined,
): VaultError {
  const given = resolvePartition(region || DEFAULT_REGION).id;
  const where = region
    ? `region ${quote(region)} is in ${given}`
    : `no region is set, which is ${given}`;
  const setting = `et the region of profile ${quote(name)}: region = ${wanted.globalRegion}`;
  return new VaultError(
    "bad-config",
    `Cannot assume ${quote(roleArn)} of profile ${
      quote(name)
    }: it is in ${wanted.id}, and ${where}`,
    {
      hints: [
        variable === undefined ? `S${setting}` : `Unset ${variable}, and s${setting}`,
        `Or try it: ${commandLine(["exec", "--region", wanted.globalRegion], asked)}`,
      ],
    },
  );
}

function notArn(name: string, roleArn: string): VaultError {
  const message = `Cannot assume ${quote(roleArn)} of profile ${quote(name)}: it is not an ARN`;
  return new VaultError("bad-config", message, {
    hints: ["Write role_arn = arn:aws:iam::111122223333:role/NAME"],
  });
}
