import { readCaBundle } from "../../aws/ca_bundle.ts";
import { resolveSignin } from "../../aws/signin_place.ts";
import type { Profile } from "../../config/profile.ts";
import { VaultError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { type LoginSession, loginSessionName } from "../../sso/login_session.ts";
import { quote } from "../../text.ts";
import { type CredentialSource, SourceChanged } from "../source.ts";

const SETTING = "login_session";

/** The login of a person to the console (`aws login`), which passkeys and security keys can protect. */
export const LOGIN_SESSION: CredentialSource = {
  kind: "signin.CreateOAuth2Token",
  settings: [SETTING],
  canShowMfa: true,
  takesRole: false,
  matches: ({ sourceSettings }) => sourceSettings[SETTING] !== undefined,
  check,
  describe: (profile) => `the login of ${quote(profile.sourceSettings[SETTING] ?? "")} to AWS`,
  async describePerson(deps, profile) {
    const { describeSessionSignIn } = await import("../sso_person.ts");
    return await describeSessionSignIn(deps, loginSessionOf(deps.host, profile));
  },
  open(deps, profile) {
    const arn = profile.sourceSettings[SETTING]!;
    // A person may sign out and in again, which is counted.
    let counted: number | undefined;
    const count = async () => (await deps.cache()).generation(loginSessionName(arn));
    return {
      fingerprint: async () => ({ arn, ...placeOf(profile), login: counted = await count() }),
      obtain: async (budget, minTtlSeconds) => {
        const { obtainLoginSession } = await import("../../sso/login_session_credentials.ts");
        const options = deps.signIn ?? { mayPrompt: false };
        const session = loginSessionOf(deps.host, profile);
        const { credentials } = await obtainLoginSession(deps, session, {
          options,
          budget,
          minTtlSeconds,
        });
        if (counted !== undefined && counted !== await count()) throw new SourceChanged();
        return credentials;
      },
    };
  },
};

function check(profile: Profile): void {
  const arn = profile.sourceSettings[SETTING] ?? "";
  if (/^arn:[\w-]+:(?:iam|sts)::\d{12}:[\x21-\x7e]+$/.test(arn)) return void placeOf(profile);
  throw new VaultError(
    "bad-config",
    `Cannot get credentials for profile ${quote(profile.name)}: login_session = ${arn} ` +
      "is not the ARN of a user or role that can sign in",
    { hints: ["Write it as arn:aws:iam::111122223333:user/NAME"] },
  );
}

/** The login that a profile names, if any; throws `bad-config` for one that nobody can sign in to. */
export function findLoginSession(
  host: Pick<Host, "files">,
  profile: Profile,
): LoginSession | undefined {
  if (profile.sourceSettings[SETTING] === undefined) return undefined;
  check(profile);
  return loginSessionOf(host, profile);
}

function loginSessionOf(host: Pick<Host, "files">, profile: Profile): LoginSession {
  const { caBundle, name } = profile;
  return {
    arn: profile.sourceSettings[SETTING]!,
    profile: name,
    place: placeOf(profile),
    caCertificates: caBundle && readCaBundle(host, caBundle) || undefined,
  };
}

function placeOf({ region = "us-east-1", endpoint }: Profile) {
  const { signinEndpointUrl, endpointUrl, useFips, useDualstack } = endpoint;
  return resolveSignin(region, {
    endpointUrl: signinEndpointUrl ?? endpointUrl,
    useFips,
    useDualstack,
  });
}
