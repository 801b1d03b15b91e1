/** Finds the login for a command of `sso`. */

import { type Profile, resolveChain, resolveProfile } from "../config/profile.ts";
import { asBoolean, fromSetting } from "../config/setting_values.ts";
import { settingsOf } from "../config/inherit.ts";
import { resolveSso, resolveSsoSession } from "../config/sso_settings.ts";
import { withoutOuterExec } from "../config/outer_exec.ts";
import { sourceSettings } from "../credentials/source.ts";
import { findLoginSession } from "../credentials/sources/login_session.ts";
import { loginOfProfile } from "../credentials/sso_login.ts";
import { VaultError } from "../errors.ts";
import type { SignInOptions } from "../sign_in.ts";
import type { LoginSession } from "../sso/login_session.ts";
import type { SsoLogin } from "../sso/login.ts";
import { hintsOfNear } from "../near_names.ts";
import { quote } from "../text.ts";
import type { Invocation, SignInFlags } from "./context.ts";
import { sharesLogin } from "./share_login.ts";
import { signInOptions } from "./sign_in_options.ts";

/** A login, its settings, and how a person may be asked. */
export interface SsoTarget {
  readonly login: SsoLogin;
  /** With the region, endpoints and certificates that apply to it. */
  readonly profile: Profile;
  readonly options: SignInOptions;
}

/**
 * The login of an sso-session or a profile, in this order; without a name that of `AWS_PROFILE`, else
 * the only sso-session. Throws `no-profile` for a name that is neither, and `bad-usage` if none is named
 * and there are several.
 */
export function requireSsoTarget(
  invocation: Invocation,
  flags: SignInFlags,
  name: string | undefined,
): SsoTarget {
  const { profile, options } = requireSignOutTarget(invocation, flags, name);
  const signIn = { ...options, sharesCache: sharesLogin(invocation, { profile, flags }) };
  return { login: loginOfProfile(invocation.host, profile, signIn), profile, options: signIn };
}

/** The same login, to be ended; this removes a shared file, which any agent may do. */
export function requireSignOutTarget(
  invocation: Invocation,
  flags: SignInFlags,
  name: string | undefined,
): SsoTarget {
  const chosen = name ?? onlyName(invocation);
  const profile = profileOfSession(invocation, chosen) ?? profileOfChain(invocation, chosen);
  const options = signInOptions(invocation, flags, profile.browser);
  return { login: loginOfProfile(invocation.host, profile, options), profile, options };
}

/** The `login_session` for a command of `sso`, and how a person may be asked. */
export interface LoginSessionTarget {
  readonly session: LoginSession;
  readonly options: SignInOptions;
}

/** The `login_session` of a profile, or of `AWS_PROFILE` without a name; `undefined` for another profile. */
export function findLoginSessionTarget(
  invocation: Invocation,
  flags: SignInFlags,
  name: string | undefined = invocation.host.env.get("AWS_PROFILE") || undefined,
): LoginSessionTarget | undefined {
  const config = invocation.config();
  if (name === undefined || config.ssoSession(name) !== undefined) return undefined;
  if (!config.hasProfile(name)) return undefined;
  for (const profile of resolveChain(config, name, settings(invocation, name))) {
    const session = findLoginSession(invocation.host, profile);
    if (session === undefined) continue;
    return { session, options: signInOptions(invocation, flags, profile.browser) };
  }
  return undefined;
}

function onlyName({ config, host }: Invocation): string {
  const profile = host.env.get("AWS_PROFILE");
  const file = config();
  if (profile && resolveSso(file, settingsOf(file, profile)) !== undefined) return profile;
  const [only, ...others] = file.ssoSessionNames();
  if (only !== undefined && others.length === 0) return only;
  throw new VaultError(
    "bad-usage",
    only === undefined
      ? "Cannot tell where to sign in: the config file has no sso-session"
      : "Cannot tell which login is meant: there are several sso-sessions",
    {
      hints: only === undefined
        ? ["Add a section [sso-session NAME] with sso_start_url and sso_region"]
        : [`Name one: ${[only, ...others].slice(0, 10).map(quote).join(", ")}`],
    },
  );
}

function settings(invocation: Invocation, activeProfile: string) {
  const own = sourceSettings(invocation.sources);
  const env = withoutOuterExec(invocation.host.env, invocation.config(), own);
  return { env, activeProfile, flags: {}, sourceSettings: own };
}

/** The settings of every profile, with those of the session. */
function profileOfSession(invocation: Invocation, name: string): Profile | undefined {
  const config = invocation.config();
  const session = resolveSsoSession(config, name);
  if (session === undefined) return undefined;
  const general = resolveProfile(config, "", settings(invocation, ""));
  const shares = settingsOf(config, "").getText("aws_vault_sso_cache");
  return {
    ...general,
    name,
    sourceSettings: { sso_session: name },
    sso: { session, sharesCache: asBoolean(fromSetting(shares)) },
  };
}

function profileOfChain(invocation: Invocation, name: string): Profile {
  const config = invocation.config();
  if (!config.hasProfile(name)) {
    throw new VaultError(
      "no-profile",
      `Cannot find ${quote(name)}: there is neither an sso-session nor a profile of this name`,
      {
        hints: [
          ...hintsOfNear(name, [...config.ssoSessionNames(), ...config.profileNames()], quote),
          "See the logins: aws-vault sso status",
        ],
      },
    );
  }
  const chain = resolveChain(config, name, settings(invocation, name));
  return chain.find(({ sso }) => sso !== undefined) ?? chain[0]!;
}
