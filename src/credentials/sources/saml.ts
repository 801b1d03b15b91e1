import { VaultError } from "../../errors.ts";
import { quote } from "../../text.ts";
import { sourceRoleSeconds } from "../plan_limits.ts";
import type { CredentialSource } from "../source.ts";

const SETTING = "saml_process";
/** Needed only for an encrypted assertion, whose roles cannot be read. */
const PROVIDER = "saml_provider_arn";

/** A role assumed with a SAML assertion that a program prints (STS API reference: AssumeRoleWithSAML). */
export const SAML: CredentialSource = {
  kind: "AssumeRoleWithSAML",
  settings: [SETTING, PROVIDER],
  helpers: [SETTING],
  canShowMfa: false,
  takesRole: true,
  // The assertion contains the session name, so it cannot include an agent's name.
  takesPolicies: true,
  matches: ({ sourceSettings }) => SAML.settings.some((name) => sourceSettings[name] !== undefined),
  check({ name, sourceSettings }) {
    if (sourceSettings[SETTING] !== undefined) return;
    throw new VaultError(
      "bad-config",
      `Cannot get credentials for profile ${quote(name)}: it has ${PROVIDER} but no ${SETTING}`,
      { hints: [`Set ${SETTING} to the command that prints the assertion`] },
    );
  },
  describe: ({ name, roleArn }) =>
    `the assertion that the ${SETTING} of profile ${
      quote(name)
    } prints, which AssumeRoleWithSAML ` +
    `exchanges for ${roleArn === undefined ? "a role that it names" : `role ${roleArn}`}`,
  durationSeconds: ({ roleDurationSeconds }) => sourceRoleSeconds(roleDurationSeconds),
  async open(deps, profile, request) {
    const { openSaml } = await import("./open_saml.ts");
    return openSaml(deps, profile, {
      policies: request?.policies,
      durationSeconds: sourceRoleSeconds(profile.roleDurationSeconds),
      command: profile.sourceSettings[SETTING]!,
      providerArn: profile.sourceSettings[PROVIDER],
    });
  },
};
