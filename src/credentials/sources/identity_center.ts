import type { Profile } from "../../config/profile.ts";
import { VaultError } from "../../errors.ts";
import { quote } from "../../text.ts";
import { loginName } from "../../config/sso_settings.ts";
import { type CredentialSource, SourceChanged } from "../source.ts";
import { CREDENTIAL_PROCESS } from "./credential_process.ts";

/** A role that IAM Identity Center assigns to the person who signs in (portal API: GetRoleCredentials). */
export const IDENTITY_CENTER: CredentialSource = {
  kind: "sso.GetRoleCredentials",
  settings: [
    "sso_session",
    "sso_start_url",
    "sso_region",
    "sso_account_id",
    "sso_role_name",
    "sso_registration_scopes",
  ],
  canShowMfa: false,
  takesRole: false,
  givesRole: true,
  async matches(profile, deps) {
    const own = profile.sourceSettings;
    if (own["sso_session"] === undefined && own["sso_start_url"] === undefined) return false;
    const isWhole = own["sso_account_id"] !== undefined && own["sso_role_name"] !== undefined;
    if (isWhole && !(profile.sso instanceof VaultError)) return true;
    // What works is used: a program beside settings that give nothing, unless it is this one.
    return !await CREDENTIAL_PROCESS.matches(profile, deps);
  },
  check(profile) {
    const { accountId, roleName } = ssoOf(profile);
    if (accountId !== undefined && roleName !== undefined) return;
    const missing = accountId === undefined ? "sso_account_id" : "sso_role_name";
    throw new VaultError(
      "bad-config",
      `Cannot get credentials for profile ${quote(profile.name)}: it has no ${missing}`,
      { hints: ["See the accounts and roles that you have: aws-vault sso list"] },
    );
  },
  describe(profile) {
    const { session, accountId, roleName } = ssoOf(profile);
    const login = session.name === undefined
      ? quote(session.startUrl)
      : `sso-session ${quote(session.name)}`;
    return `role ${
      quote(roleName ?? "")
    } of account ${accountId}, which GetRoleCredentials gives ` +
      `for the login to ${login}`;
  },
  async describePerson(deps, profile) {
    const { describeSignIn } = await import("../sso_person.ts");
    return await describeSignIn(deps, profile);
  },
  open(deps, profile) {
    // Another person may sign in under the same name: logins and logouts are counted.
    let counted: number | undefined;
    const count = async () => (await deps.cache()).generation(loginName(ssoOf(profile).session));
    return {
      fingerprint: async () => ({ ...settingsOf(profile), login: counted = await count() }),
      obtain: async (budget) => {
        const { obtainRoleCredentials } = await import("./obtain_role_credentials.ts");
        const checkLogin = async () => {
          if (counted !== undefined && counted !== await count()) throw new SourceChanged();
        };
        return await obtainRoleCredentials(deps, profile, { checkLogin, budget });
      },
    };
  },
};

/** Every setting that its credentials depend on. */
function settingsOf(profile: Profile) {
  const { session, accountId, roleName } = ssoOf(profile);
  const { ssoEndpointUrl, ssoOidcEndpointUrl, endpointUrl } = profile.endpoint;
  return {
    accountId,
    roleName,
    session: session.name,
    startUrl: session.startUrl,
    region: session.region,
    scopes: session.scopes.toSorted(),
    portal: ssoEndpointUrl ?? endpointUrl,
    oidc: ssoOidcEndpointUrl ?? endpointUrl,
  };
}

function ssoOf(profile: Profile) {
  if (profile.sso instanceof VaultError) throw profile.sso;
  // The profile matches by the same settings from which this is resolved.
  return profile.sso!;
}
