import { VaultError } from "../../errors.ts";
import { quote } from "../../text.ts";
import type { Profile } from "../../config/profile.ts";
import type { CredentialSource } from "../source.ts";

/** IAM Identity Center, which this version refuses. */
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
  matches: ({ sso }) => sso !== undefined,
  check: (profile) => {
    throw unsupported(profile);
  },
  describe: ({ name }) => `IAM Identity Center, as profile ${quote(name)} says`,
  open: (_deps, profile) => {
    throw unsupported(profile);
  },
};

function unsupported({ name }: Profile): VaultError {
  return new VaultError(
    "unsupported",
    `Cannot get credentials for profile ${quote(name)}: ` +
      "IAM Identity Center is not supported by this version",
    {
      hints: [
        "Give the profile a credential_process that runs: aws configure export-credentials --profile NAME",
      ],
    },
  );
}
