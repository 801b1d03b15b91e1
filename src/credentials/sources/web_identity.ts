import type { Profile } from "../../config/profile.ts";
import { VaultError } from "../../errors.ts";
import { quote } from "../../text.ts";
import { sourceRoleSeconds } from "../plan_limits.ts";
import type { CredentialSource } from "../source.ts";

/** A role assumed with an identity provider's token (STS API reference: AssumeRoleWithWebIdentity). */
export const WEB_IDENTITY: CredentialSource = {
  kind: "AssumeRoleWithWebIdentity",
  settings: ["web_identity_token_file", "web_identity_token_process"],
  helpers: ["web_identity_token_process"],
  tokenFiles: ["web_identity_token_file"],
  canShowMfa: false,
  takesRole: true,
  takesPolicies: true,
  namesAgent: true,
  matches: ({ sourceSettings }) =>
    WEB_IDENTITY.settings.some((name) => sourceSettings[name] !== undefined),
  check({ name, roleArn }) {
    if (roleArn !== undefined) return;
    throw new VaultError(
      "bad-config",
      `Cannot get credentials for profile ${
        quote(name)
      }: it has a web identity token but no role_arn`,
      { hints: ["Set role_arn to the role that the token is exchanged for"] },
    );
  },
  describe: ({ name, roleArn }) =>
    `the web identity token of profile ${quote(name)}, ` +
    `which AssumeRoleWithWebIdentity exchanges for role ${roleArn ?? ""}`,
  durationSeconds,
  asksNobody: ({ sourceSettings }) => sourceSettings["web_identity_token_file"] !== undefined,
  async open(deps, profile, request) {
    const { openWebIdentity } = await import("./open_web_identity.ts");
    return openWebIdentity(deps, profile, {
      ...request,
      durationSeconds: durationSeconds(profile),
    });
  },
};

function durationSeconds({ roleDurationSeconds }: Profile): number {
  return sourceRoleSeconds(roleDurationSeconds);
}
