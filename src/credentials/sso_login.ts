import { readCaBundle } from "../aws/ca_bundle.ts";
import type { Profile } from "../config/profile.ts";
import type { SsoProfile } from "../config/sso_settings.ts";
import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { SignInOptions } from "../sign_in.ts";
import type { SsoLogin } from "../sso/login.ts";
import { quote } from "../text.ts";

/** A profile's settings for Identity Center; throws if they are invalid or missing. */
export function requireSso({ name, sso }: Pick<Profile, "name" | "sso">): SsoProfile {
  if (sso instanceof VaultError) throw sso;
  if (sso !== undefined) return sso;
  throw new VaultError(
    "bad-config",
    `Cannot sign in for profile ${quote(name)}: it has neither sso_session nor sso_start_url`,
  );
}

/** The login that a profile needs, by its settings and the flags. */
export function loginOfProfile(
  host: Pick<Host, "files" | "env">,
  profile: Profile,
  options: Pick<SignInOptions, "sharesCache">,
): SsoLogin {
  const { session, sharesCache } = requireSso(profile);
  const { endpoint, caBundle } = profile;
  return {
    session,
    profile: profile.name,
    urls: {
      oidc: endpoint.ssoOidcEndpointUrl ?? endpoint.endpointUrl,
      portal: endpoint.ssoEndpointUrl ?? endpoint.endpointUrl,
    },
    useFips: endpoint.useFips,
    useDualstack: endpoint.useDualstack,
    caCertificates: caBundle && readCaBundle(host, caBundle) || undefined,
    sharesCache: options.sharesCache ?? sharesCache,
  };
}
