/** `login` without a profile, with the credentials of the environment. */

import { readCaBundle } from "../aws/ca_bundle.ts";
import { resolveLifetimes } from "../config/lifetimes.ts";
import { openConfig, resolveProfile } from "../config/profile.ts";
import type { Credentials } from "../credentials.ts";
import { federate } from "../credentials/federate.ts";
import { clampDuration, SESSION_RANGE } from "../credentials/plan_limits.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import { readEnvironmentCredentials } from "../credentials/sources/environment_key.ts";
import { VaultError } from "../errors.ts";
import type { CredentialFlags, Invocation, NarrowingFlags } from "./context.ts";
import { guardOf } from "./guard_of.ts";
import { confirm, recordFound } from "./hand_out.ts";

type Flags = CredentialFlags & NarrowingFlags & { readonly roleArn?: string | undefined };

/**
 * The credentials of the environment already exist and cannot be limited: if a guard rail requires
 * limits, the console would bypass it. No role is assumed with them either.
 */
export async function requireUnguarded(invocation: Invocation, flags: Flags): Promise<void> {
  const { guard, profile } = environmentGuard(invocation, flags);
  if (flags.roleArn !== undefined) {
    throw new VaultError("bad-usage", "Cannot use --role-arn without a profile", {
      hints: ["Name the profile whose credentials assume the role"],
    });
  }
  if (guard.policies === undefined) return void await confirm(invocation, { guard, profile });
  throw new VaultError(
    "unsupported",
    `Cannot narrow the credentials of the environment (${guard.why}): they already exist`,
    { hints: ["Name a profile: aws-vault login PROFILE"] },
  );
}

function environmentGuard(invocation: Invocation, flags: Flags) {
  return guardOf(invocation, invocation.host.env.get("AWS_VAULT") || "default", flags);
}

/**
 * Gets credentials that were handed out before, for a browser; a user's key signs in as a federated user.
 *
 * Throws `bad-usage` for half a key, and `no-credentials` if they have expired.
 */
export async function environmentCredentials(
  invocation: Invocation,
  flags: Flags,
): Promise<Credentials> {
  const found = readEnvironmentCredentials(invocation.host)!;
  const credentials = found.sessionToken === undefined
    ? await federateKey(invocation, flags, found)
    : found;
  await recordFound(invocation, { ...environmentGuard(invocation, flags), credentials });
  return credentials;
}

async function federateKey(
  { host }: Invocation,
  { region, duration }: Flags,
  credentials: Credentials,
): Promise<Credentials> {
  const profile = resolveProfile(openConfig("", "no config file"), "environment", {
    env: host.env,
    activeProfile: "environment",
    flags: { region },
    sourceSettings: [],
  });
  const { federationSeconds } = resolveLifetimes(host.env, { durationSeconds: duration });
  const seconds = clampDuration(federationSeconds, SESSION_RANGE, {
    what: "The federated session of the environment's key",
    note: (text) => host.talk.insist(text),
  });
  const caller = {
    endpoint: profileEndpoint("sts", profile),
    credentials,
    caCertificates: profile.caBundle && readCaBundle(host, profile.caBundle) || undefined,
  };
  return await federate({ ...host, skew: { offsetMs: 0 } }, caller, seconds);
}
