import { readCaBundle } from "../aws/ca_bundle.ts";
import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import { getCallerIdentity } from "../aws/sts.ts";
import type { Profile } from "../config/profile.ts";
import { readStoredKey } from "../credentials/long_term_key.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import { chooseProfile, planForProfile } from "../credentials/profile_plan.ts";
import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { CredentialFlags, Invocation } from "./context.ts";
import { obtainPlanned } from "./obtain_planned.ts";

/** An IAM user whose MFA device is managed, and the settings of IAM calls for it. */
export interface MfaUser {
  /** The profile of the user's key, and its name. */
  readonly profile: Profile;
  readonly name: string;
  readonly userName: string;
  readonly account: string;
  /** `aws`, or another partition's name. */
  readonly partition: string;
  readonly deps: AwsDeps;
  readonly iam: AwsCaller;
}

/**
 * The user whose stored key starts the profile's chain. With `useDevice`, calls are signed with a session
 * for which the profile's device was shown; else with the key itself, since IAM refuses a session without MFA.
 *
 * Throws `no-credentials` if the source is not a stored key, and `unsupported` for the root user.
 */
export async function openMfaUser(
  invocation: Invocation,
  flags: CredentialFlags,
  argument: string | undefined,
  { useDevice }: { readonly useDevice: boolean },
): Promise<MfaUser> {
  const { host } = invocation;
  const asked = chooseProfile(invocation, argument);
  const { plan: { source } } = await planForProfile(invocation, { ...flags, use: "own" }, asked);
  const name = source.keyName;
  const key = name && await readStoredKey(await invocation.keyring(), name);
  if (!name || !key) throw noKey(asked);
  const deps = { ...host, skew: { offsetMs: 0 } };
  const { profile } = source;
  const caCertificates = profile.caBundle && readCaBundle(host, profile.caBundle) || undefined;
  const sts = { endpoint: profileEndpoint("sts", profile), caCertificates, credentials: key };
  const { arn } = await getCallerIdentity(deps, sts);
  const [, partition, account, userName] =
    /^arn:([^:]+):iam::(\d+):user\/(?:.*\/)?(.+)$/.exec(arn) ??
      [];
  if (partition === undefined || account === undefined || userName === undefined) {
    throw notUser(name, arn);
  }
  const credentials = useDevice ? await withDevice(invocation, flags, name, key) : key;
  const iam = { endpoint: profileEndpoint("iam", profile), caCertificates, credentials };
  return { profile, name, userName, account, partition, deps, iam };
}

/** A session for which the profile's device was shown, if it has one. */
async function withDevice(
  invocation: Invocation,
  flags: CredentialFlags,
  name: string,
  key: Credentials,
): Promise<Credentials> {
  const planned = await planForProfile(invocation, { ...flags, use: "own" }, name);
  const isShown = planned.plan.steps.some(({ mfa }) => mfa !== undefined);
  return isShown ? await obtainPlanned(invocation, flags, planned) : key;
}

function noKey(profile: string): VaultError {
  return new VaultError(
    "no-credentials",
    `Cannot manage an MFA device of ${quote(profile)}: it has no stored key`,
    { hints: ["Name a profile with a key: aws-vault list --credentials"] },
  );
}

function notUser(name: string, arn: string): VaultError {
  return new VaultError(
    "unsupported",
    `Cannot manage an MFA device of ${quote(name)}: its key belongs to ${
      quote(arn)
    }, which is not an IAM user`,
    { hints: ["Use the console: https://console.aws.amazon.com/iam/home#/security_credentials"] },
  );
}
