import { readCaBundle } from "../../aws/ca_bundle.ts";
import { assumeRoleWithWebIdentity } from "../../aws/sts.ts";
import type { Profile } from "../../config/profile.ts";
import type { Credentials } from "../../credentials.ts";
import { AwsError } from "../../errors.ts";
import type { Secret } from "../../secret.ts";
import type { TalkingHost } from "../../talk.ts";
import { profileEndpoint } from "../profile_endpoint.ts";
import { describeToken } from "../token_claims.ts";

/** Exchanges an identity token for the role of a profile; a refusal says whose token it was. */
export async function exchangeToken(
  host: TalkingHost,
  profile: Profile,
  durationSeconds: number,
  webIdentityToken: Secret,
): Promise<Credentials> {
  const caller = {
    endpoint: profileEndpoint("sts", profile),
    caCertificates: profile.caBundle && readCaBundle(host, profile.caBundle) || undefined,
  };
  try {
    return await assumeRoleWithWebIdentity(host, caller, {
      roleArn: profile.roleArn!,
      roleSessionName: profile.roleSessionName ?? String(host.clock.now().epochNanoseconds),
      webIdentityToken,
      durationSeconds,
    });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const hints = [...error.hints, describeToken(webIdentityToken)];
    throw new AwsError(error.message, error, { hints, cause: error });
  }
}
