/** Sources that this version does not have, and says so where a profile starts at one. */

import type { Profile } from "../../config/profile.ts";
import { VaultError } from "../../errors.ts";
import { quote } from "../../text.ts";
import type { CredentialSource } from "../source.ts";

/** What a refused source is. */
interface Refused extends Pick<CredentialSource, "kind" | "settings"> {
  /** The part of a profile that asks for it, in words. */
  readonly what: (profile: Profile) => string;
  readonly hints: (profile: Profile) => readonly string[];
  readonly matches: CredentialSource["matches"];
}

const EXPORT_HINT =
  "Give the profile a credential_process that runs: aws configure export-credentials --profile NAME";

/** A sign-in by `aws login`. */
export const LOGIN_SESSION = refuse({
  kind: "login_session",
  settings: ["login_session"],
  what: () => "a login_session",
  hints: () => [EXPORT_HINT],
  matches: ({ sourceSettings }) => sourceSettings["login_session"] !== undefined,
});

function refuse({ kind, settings, what, hints, matches }: Refused): CredentialSource {
  const fail = (profile: Profile): never => {
    throw new VaultError(
      "unsupported",
      `Cannot get credentials for profile ${quote(profile.name)}: ` +
        `${what(profile)} is not supported by this version`,
      { hints: hints(profile) },
    );
  };
  return {
    kind,
    settings,
    canShowMfa: false,
    takesRole: false,
    matches,
    check: fail,
    describe: (profile) => `${what(profile)}, as profile ${quote(profile.name)} says`,
    open: (_deps, profile) => fail(profile),
  };
}
