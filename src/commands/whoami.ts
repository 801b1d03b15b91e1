import { readCaBundle } from "../aws/ca_bundle.ts";
import { listAccountAliases } from "../aws/iam.ts";
import type { AwsCaller } from "../aws/query.ts";
import { type CallerIdentity, getCallerIdentity } from "../aws/sts.ts";
import { openConfig, type Profile, resolveProfile } from "../config/profile.ts";
import type { Credentials } from "../credentials.ts";
import { formatDuration } from "../credentials/plan_limits.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import { readEnvironmentCredentials } from "../credentials/sources/environment_key.ts";
import { VaultError } from "../errors.ts";
import { printLines } from "../print.ts";
import { quote } from "../text.ts";
import type { CommandContext, Invocation } from "./context.ts";
import { notePlan, obtainPlanned } from "./obtain_planned.ts";
import { type AccessFlags, chooseAccess, planAccess } from "./plan_access.ts";

/** How long to wait for the account's name, which many users are not allowed to read. */
const ALIAS_LIMIT_MS = 5_000;

/** The flags of `whoami`. */
export interface WhoamiFlags extends AccessFlags {
  readonly json?: boolean | undefined;
}

/** Credentials, with the settings of calls about them and how they were obtained. */
interface Subject {
  /** Absent: the credentials of the environment. */
  readonly name: string | undefined;
  /** The profile whose region and endpoints are used. */
  readonly profile: Profile;
  readonly credentials: Credentials;
  /** The source, then each call. */
  readonly obtained: readonly string[];
}

/** `whoami [PROFILE]`: prints the AWS identity of the credentials of a profile, or of the environment. */
export async function whoami(
  this: CommandContext,
  flags: WhoamiFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const subject = await chooseSubject(invocation, flags, profile);
  const identity = await getCallerIdentity(
    awsDeps(invocation),
    callerOf(invocation, subject, "sts"),
  );
  const alias = await findAlias(invocation, subject);
  const now = invocation.host.clock.now();
  const found = { ...subject, identity, alias, now };
  printLines(invocation.host.stdout, flags.json ? renderJson(found) : renderText(found));
}

/** The access key of the environment if no profile is named, as an SDK would choose. */
async function chooseSubject(
  invocation: Invocation,
  flags: WhoamiFlags,
  named: string | undefined,
): Promise<Subject> {
  const found = named === undefined && flags.oidc === undefined
    ? readEnvironmentCredentials(invocation.host)
    : undefined;
  if (found !== undefined) return ofEnvironment(invocation, flags, found);
  const name = await chooseAccess(invocation, flags, named);
  // Nothing is handed out, so no person has to agree and no agent is refused; the plan is still limited,
  // since the answer is about the credentials that would be handed out.
  const planned = await planAccess(invocation, { ...flags, use: "shown" }, name);
  notePlan(invocation, planned);
  const credentials = await obtainPlanned(invocation, flags, planned);
  const { source, steps } = planned.plan;
  const calls = steps.map(({ action, profile: { roleArn } }) =>
    action === "AssumeRole" ? `AssumeRole ${roleArn}` : action
  );
  const obtained = [source.row.describe(source.profile), ...calls];
  return { name, profile: planned.profile, credentials, obtained };
}

function ofEnvironment(
  { host: { env } }: Invocation,
  { region, roleArn }: WhoamiFlags,
  credentials: Credentials,
): Subject {
  if (roleArn !== undefined) {
    throw new VaultError("bad-usage", "Cannot use --role-arn without a profile", {
      hints: ["Name the profile whose credentials assume the role"],
    });
  }
  const profile = resolveProfile(openConfig("", "no config file"), "environment", {
    env,
    activeProfile: "environment",
    flags: { region },
    sourceSettings: [],
  });
  const outer = env.get("AWS_VAULT");
  const by = outer ? `, which exec of profile ${quote(outer)} has set` : "";
  const obtained = [`the credentials of the environment${by}`];
  return { name: undefined, profile, credentials, obtained };
}

function awsDeps({ host }: Invocation) {
  return { ...host, skew: { offsetMs: 0 } };
}

function callerOf(
  { host }: Invocation,
  { profile, credentials }: Subject,
  service: "sts" | "iam",
): AwsCaller {
  return {
    endpoint: profileEndpoint(service, profile),
    caCertificates: profile.caBundle && readCaBundle(host, profile.caBundle) || undefined,
    credentials,
  };
}

/** The account's alias; nothing if IAM does not answer quickly. */
async function findAlias(
  invocation: Invocation,
  subject: Subject,
): Promise<string | undefined> {
  const { clock, talk } = invocation.host;
  const [limit, done] = [new AbortController(), new AbortController()];
  const late = new VaultError("network", `IAM did not answer within ${ALIAS_LIMIT_MS / 1000} s`);
  clock.sleep(ALIAS_LIMIT_MS, done.signal).then(() => limit.abort(late), () => {});
  try {
    const caller = { ...callerOf(invocation, subject, "iam"), signal: limit.signal };
    return (await listAccountAliases(awsDeps(invocation), caller))[0];
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    talk.debug(() => `The account's alias is not known: ${error.message}`);
    return undefined;
  } finally {
    done.abort();
  }
}

/** The data to print. */
interface Found extends Subject {
  readonly identity: CallerIdentity;
  readonly alias: string | undefined;
  readonly now: Temporal.Instant;
}

function renderText(found: Found): string[] {
  const { name, identity, alias, obtained } = found;
  return [
    ...name === undefined ? [] : [`Profile   ${name}`],
    `Account   ${identity.accountId}${alias === undefined ? "" : ` (${alias})`}`,
    `ARN       ${identity.arn}`,
    `User ID   ${identity.userId}`,
    `Expires   ${describeEnd(found)}`,
    ...obtained.map((line, i) => (i === 0 ? "Obtained  with " : "          then ") + line),
  ];
}

function describeEnd({ credentials, now }: Found): string {
  const { expiration, sessionToken } = credentials;
  if (expiration !== undefined) {
    const left = formatDuration(secondsUntil(expiration, now));
    return `${expiration.toString({ smallestUnit: "second" })} (${left} left)`;
  }
  return sessionToken === undefined ? "never: a long-term key" : "at an unknown time";
}

function secondsUntil(expiration: Temporal.Instant, now: Temporal.Instant): number {
  return Math.max(Math.floor(expiration.since(now).total("seconds")), 0);
}

function renderJson({ name, identity, alias, credentials, obtained, now }: Found): string[] {
  const { expiration, accessKeyId } = credentials;
  const value = {
    profile: name,
    account: identity.accountId,
    accountAlias: alias,
    arn: identity.arn,
    userId: identity.userId,
    accessKeyId,
    expiration: expiration?.toString({ smallestUnit: "second" }),
    secondsLeft: expiration && secondsUntil(expiration, now),
    obtained,
  };
  return JSON.stringify(value, null, 2).split("\n");
}
