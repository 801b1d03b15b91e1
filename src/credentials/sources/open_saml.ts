import { readCaBundle } from "../../aws/ca_bundle.ts";
import { assumeRoleWithSaml } from "../../aws/sts.ts";
import type { Profile } from "../../config/profile.ts";
import type { Credentials } from "../../credentials.ts";
import { VaultError } from "../../errors.ts";
import type { Secret } from "../../secret.ts";
import { policyParameters, type SessionPolicies } from "../../session_policies.ts";
import { quote } from "../../text.ts";
import { endpointFingerprint, profileEndpoint } from "../profile_endpoint.ts";
import { runHelper } from "../run_helper.ts";
import { parseAssertion, readRoles, type SamlRole } from "../saml_assertion.ts";
import type { ObtainDeps, OpenSource } from "../source.ts";
import { chooseRole } from "./choose_saml_role.ts";
import { commandFingerprint } from "./command_fingerprint.ts";

/** The parameters of exchanging an assertion. */
export interface SamlRequest {
  readonly command: string;
  /** The identity provider, if the assertion does not name it. */
  readonly providerArn: string | undefined;
  readonly durationSeconds: number;
  readonly policies: SessionPolicies | undefined;
}

const SETTING = "saml_process";

/** A person may have to sign in there, also with an MFA device. */
const TIMEOUT_MS = 300_000;

/**
 * Opens the assertion of a profile. Its program is run only to obtain credentials, not to see whose
 * they are: it may ask a person each time.
 */
export function openSaml(deps: ObtainDeps, profile: Profile, request: SamlRequest): OpenSource {
  const { command, providerArn, policies, durationSeconds } = request;
  return {
    fingerprint: () => {
      const program = commandFingerprint(deps.host, { profile, setting: SETTING, command });
      return program && {
        program,
        roleArn: profile.roleArn,
        providerArn,
        ...policyParameters(policies),
        endpoint: endpointFingerprint(profile),
      };
    },
    async obtain(): Promise<Credentials> {
      const { host } = deps;
      const helper = { profile: profile.name, setting: SETTING, command, timeoutMs: TIMEOUT_MS };
      const where = `the output of ${SETTING} of profile ${quote(profile.name)}`;
      const assertion = parseAssertion(await runHelper(host, helper), where);
      const role = await roleOf(deps, profile, assertion, providerArn);
      const caller = {
        endpoint: profileEndpoint("sts", profile),
        caCertificates: profile.caBundle && readCaBundle(host, profile.caBundle) || undefined,
      };
      return await assumeRoleWithSaml(host, caller, {
        roleArn: role.roleArn,
        principalArn: role.providerArn,
        samlAssertion: assertion,
        durationSeconds,
        ...policyParameters(policies),
      });
    },
  };
}

/** The profile's role, or one of the assertion's. */
async function roleOf(
  deps: ObtainDeps,
  profile: Profile,
  assertion: Secret,
  providerArn: string | undefined,
): Promise<SamlRole> {
  const { roleArn } = profile;
  if (roleArn !== undefined && providerArn !== undefined) return { roleArn, providerArn };
  const cannot = (why: string, hints: readonly string[]) =>
    new VaultError(
      "bad-config",
      `Cannot get credentials for profile ${quote(profile.name)}: ${why}`,
      { hints },
    );
  const roles = await readRoles(assertion);
  if (roles === undefined) {
    throw cannot("the roles of its assertion cannot be read: it is encrypted, or not SAML", [
      "Set role_arn and saml_provider_arn, which name the role instead",
    ]);
  }
  if (roles.length === 0) {
    throw cannot("its assertion has no role", [
      "Ask the administrators of the identity provider for the attribute " +
      "https://aws.amazon.com/SAML/Attributes/Role",
    ]);
  }
  if (roleArn === undefined) return await chooseRole(deps, profile, roles);
  const named = roles.find((role) => role.roleArn === roleArn);
  if (named !== undefined) return named;
  throw cannot(`its assertion does not have the role ${quote(roleArn)}`, [
    `It has ${roles.map((role) => role.roleArn).join(", ")}`,
  ]);
}
