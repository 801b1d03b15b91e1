import { type Partition, partitionOfArn, PARTITIONS, resolvePartition } from "../aws/partitions.ts";
import type { Profile } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import type { Env } from "../host.ts";
import { commandLine, quote } from "../text.ts";
import type { Plan } from "./plan.ts";

/** The signing region if none is set, as in the AWS CLI. */
const DEFAULT_REGION = "us-east-1";

/** How the command line named role and region, for the hints. */
export interface GivenAt {
  readonly region?: string | undefined;
  readonly roleArn?: string | undefined;
  /** Of a CI job's token, whose role has no profile. */
  readonly oidc?: string | undefined;
  /** A program asks a running server for the role, and cannot name a region. */
  readonly byProgram?: boolean | undefined;
}

/**
 * Throws `bad-config` for a `role_arn` that is not an ARN, or is not in the partition of the region
 * in which it would be assumed.
 *
 * STS of one partition does not know the roles of another, and answers `InvalidClientTokenId` or
 * `AccessDenied`, which makes people check their key or the trust policy.
 */
export function requireOwnPartition(
  { profile, source, steps }: Pick<Plan, "profile" | "source" | "steps">,
  env: Pick<Env, "get">,
  given: GivenAt,
): void {
  const roles = steps.filter(({ action }) => action === "AssumeRole").map((step) => step.profile);
  const own = source.row.takesRole ? [source.profile] : [];
  for (const each of [...own, ...roles]) {
    const { name, roleArn = "", region } = each;
    if (roleArn !== "" && !roleArn.startsWith("arn:")) throw notArn(name, roleArn);
    const role = { name, roleArn, region };
    const wanted = partitionOfArn(roleArn);
    if (wanted === undefined && roleArn !== "" && isAws(each)) {
      throw unknownOne(role);
    }
    if (wanted === undefined || wanted.id === partitionOf(region).id) continue;
    throw elsewhere(profile.name, role, wanted, { ...given, variable: variableOf(region, env) });
  }
}

function partitionOf(region: string | undefined): Partition {
  return resolvePartition(region || DEFAULT_REGION);
}

/**
 * Whether only a known partition can be meant: another server's STS has its own (`arn:minio:iam:…`), and a
 * region of no known one may be in a partition that is newer than this program.
 */
function isAws({ region, endpoint }: Pick<Profile, "region" | "endpoint">): boolean {
  if ((endpoint.stsEndpointUrl ?? endpoint.endpointUrl) !== undefined) return false;
  const { id, regionPattern } = partitionOf(region);
  return regionPattern.test(region || DEFAULT_REGION) || region === `${id}-global`;
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

function whatAndWhere({ name, roleArn, region }: RoleAndRegion): [what: string, where: string] {
  const { id } = partitionOf(region);
  return [
    `Cannot assume ${quote(roleArn)} of profile ${quote(name)}`,
    region ? `region ${quote(region)} is in ${id}` : `no region is set, which is ${id}`,
  ];
}

function elsewhere(
  asked: string,
  role: RoleAndRegion,
  wanted: Partition,
  given: GivenAt & { readonly variable: string | undefined },
): VaultError {
  const [what, where] = whatAndWhere(role);
  return new VaultError("bad-config", `${what}: it is in ${wanted.id}, and ${where}`, {
    hints: hintsFor(asked, role, wanted, given),
  });
}

/** The profile is not to be changed where the command line names the role or the region. */
function hintsFor(
  asked: string,
  { name }: RoleAndRegion,
  { id, globalRegion }: Partition,
  { region, roleArn, oidc, byProgram, variable }: Parameters<typeof elsewhere>[3],
): string[] {
  if (byProgram) return [`Start the server with a region of ${id}: --region=${globalRegion}`];
  const role = roleArn === undefined ? [] : ["--role-arn", roleArn];
  const words = ["exec", ...oidc === undefined ? [] : ["--oidc", oidc], "--region", globalRegion];
  const again = commandLine([...words, ...role], oidc === undefined ? asked : undefined);
  const isConfigured = region === undefined && roleArn === undefined && oidc === undefined;
  if (!isConfigured) return [`Name a region of ${id}: ${again}`];
  const setting = `et the region of profile ${quote(name)}: region = ${globalRegion}`;
  return [
    variable === undefined ? `S${setting}` : `Unset ${variable}, and s${setting}`,
    `Or try it: ${again}`,
  ];
}

function unknownOne(role: RoleAndRegion): VaultError {
  const [what, where] = whatAndWhere(role);
  const id = role.roleArn.split(":")[1] ?? "";
  const all = PARTITIONS.map((known) => known.id).join(", ");
  return new VaultError(
    "bad-config",
    `${what}: ${quote(id)} is not a partition of AWS, and ${where}`,
    {
      hints: [`Write the partition of the role's account: ${all}`],
    },
  );
}

function notArn(name: string, roleArn: string): VaultError {
  const message = `Cannot assume ${quote(roleArn)} of profile ${quote(name)}: it is not an ARN`;
  return new VaultError("bad-config", message, {
    hints: ["Write role_arn = arn:aws:iam::111122223333:role/NAME"],
  });
}
