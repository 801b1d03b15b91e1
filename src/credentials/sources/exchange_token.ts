import { readCaBundle } from "../../aws/ca_bundle.ts";
import { assumeRoleWithWebIdentity } from "../../aws/sts.ts";
import type { Profile } from "../../config/profile.ts";
import type { Credentials } from "../../credentials.ts";
import { AwsError } from "../../errors.ts";
import type { Secret } from "../../secret.ts";
import type { TalkingHost } from "../../talk.ts";
import { policyParameters } from "../../session_policies.ts";
import { profileEndpoint } from "../profile_endpoint.ts";
import { sessionName } from "../session_name.ts";
import type { SourceRequest } from "../source.ts";
import { describeToken } from "../token_claims.ts";

/** Additions to the call besides the profile's settings. */
export interface ExchangeRequest extends SourceRequest {
  readonly durationSeconds: number;
}

/** Exchanges an identity token for the role of a profile; a refusal describes the token. */
export async function exchangeToken(
  host: TalkingHost,
  profile: Profile,
  request: ExchangeRequest,
  webIdentityToken: Secret,
): Promise<Credentials> {
  const caller = {
    endpoint: profileEndpoint("sts", profile),
    caCertificates: profile.caBundle && readCaBundle(host, profile.caBundle) || undefined,
  };
  try {
    return await assumeRoleWithWebIdentity(host, caller, {
      roleArn: profile.roleArn!,
      roleSessionName: sessionName(host.clock, profile, request.agent),
      webIdentityToken,
      durationSeconds: request.durationSeconds,
      ...policyParameters(request.policies),
    });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const hints = [...error.hints, describeToken(webIdentityToken)];
    throw new AwsError(error.message, error, { hints, cause: error });
  }
}
