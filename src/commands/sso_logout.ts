import { readCaBundle } from "../aws/ca_bundle.ts";
import { settingsOf } from "../config/inherit.ts";
import { resolveSso, type SsoSession } from "../config/sso_settings.ts";
import { hasCode, VaultError } from "../errors.ts";
import { endLogin, type KeptLogin, readKeptLogins } from "../sso/kept_logins.ts";
import { describeLoginSession } from "../sso/login_session.ts";
import {
  endLoginSession,
  type KeptLoginSession,
  readLoginSessions,
} from "../sso/login_session_credentials.ts";
import { asClause, quote } from "../text.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { findLoginSessionTarget, requireSignOutTarget } from "./sso_target.ts";

/** The flags of `sso logout`. */
export interface SsoLogoutFlags extends GlobalFlags {
  readonly all?: boolean | undefined;
  readonly ssoCache?: boolean | undefined;
}

/** `sso logout [NAME]`: ends a login, or all of them, here and at AWS. */
export async function ssoLogout(
  this: CommandContext,
  flags: SsoLogoutFlags,
  name?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const other = flags.all ? undefined : findLoginSessionTarget(invocation, flags, name);
  const sessions = flags.all || other
    ? await readLoginSessions(await invocation.cache(), other?.session.arn)
    : [];
  const failures = await endLoginSessions(invocation, sessions);
  if (other !== undefined) return finish(invocation, sessions.length, failures);
  const meant = flags.all ? undefined : requireSignOutTarget(invocation, flags, name).login;
  const kept = (await readKeptLogins(await invocation.cache())).filter(({ stored }) =>
    meant === undefined || stored.name === nameOf(meant.session)
  );
  if (meant?.sharesCache) {
    const { removeSharedLogin } = await import("../sso/shared_logins.ts");
    await removeSharedLogin(invocation.host, meant);
  }
  failures.push(...await endLogins(invocation, kept));
  finish(invocation, sessions.length + kept.length, failures);
}

function finish(
  { host: { talk } }: Invocation,
  count: number,
  [failure]: readonly VaultError[],
): void {
  if (failure !== undefined) throw failure;
  if (count === 0) talk.say("Nobody is signed in");
}

/** Ends and reports logins of `login_session` profiles; gives AWS's failures, after which nothing is kept here either. */
export async function endLoginSessions(
  invocation: Invocation,
  kept: readonly KeptLoginSession[],
): Promise<VaultError[]> {
  const { host } = invocation;
  const cache = await invocation.cache();
  const failures: VaultError[] = [];
  for (const login of kept) {
    const { arn } = login.stored;
    try {
      await endLoginSession(host, cache, login, certificatesOf(host));
      host.talk.say(`Signed out of ${describeLoginSession(login.stored)}`);
    } catch (error) {
      if (!hasCode(error, "network", "aws-refused")) throw error;
      failures.push(notAtAws(arn, error, "It expires within 12 hours of the sign-in"));
    }
  }
  return failures;
}

/** The kept logins of a profile's `login_session`, or all. */
export async function findLoginSessions(
  invocation: Invocation,
  profile: string | undefined,
): Promise<KeptLoginSession[]> {
  const cache = await invocation.cache();
  if (profile === undefined) return await readLoginSessions(cache);
  const config = invocation.config();
  const arn = settingsOf(config, profile, ["login_session"]).getText("login_session")?.value;
  return arn === undefined ? [] : await readLoginSessions(cache, arn);
}

function certificatesOf(host: Invocation["host"]): readonly string[] | undefined {
  const bundle = host.env.get("AWS_CA_BUNDLE");
  return bundle ? readCaBundle(host, bundle) : undefined;
}

/** The kept logins of a profile, or all; none if the profile does not use Identity Center. */
export async function findLogins(
  invocation: Invocation,
  profile: string | undefined,
): Promise<KeptLogin[]> {
  const kept = await readKeptLogins(await invocation.cache());
  if (profile === undefined) return kept;
  const config = invocation.config();
  const sso = resolveSso(config, settingsOf(config, profile));
  if (sso === undefined || sso instanceof VaultError) return [];
  return kept.filter(({ stored }) => stored.name === nameOf(sso.session));
}

function nameOf({ name, startUrl }: SsoSession): string {
  return name ?? startUrl;
}

/** Ends and reports logins one by one; gives the failures at AWS, after which nothing is kept here either. */
export async function endLogins(
  invocation: Invocation,
  kept: readonly KeptLogin[],
): Promise<VaultError[]> {
  const { host } = invocation;
  const cache = await invocation.cache();
  const certificates = certificatesOf(host);
  const failures: VaultError[] = [];
  for (const login of kept) {
    const { name } = login.stored;
    try {
      await endLogin(host, cache, login, certificates);
      host.talk.say(`Signed out of ${quote(name)}`);
    } catch (error) {
      if (!hasCode(error, "network", "aws-refused")) throw error;
      failures.push(notAtAws(name, error, "Sign out on the page of the access portal"));
    }
    dropCredentials(invocation, name, cache.dropProfile.bind(cache));
  }
  return failures;
}

function notAtAws(name: string, error: VaultError, hint: string): VaultError {
  return new VaultError(
    error.code,
    `Signed out of ${quote(name)} here, but not at AWS: ${asClause(error.message)}`,
    { hints: [hint], cause: error },
  );
}

/** Only tidies up: they are no longer used, because the login is counted. */
function dropCredentials(
  { config }: Invocation,
  name: string,
  drop: (profile: string) => number,
): void {
  const file = config();
  // Credentials from `sso export` are kept under the login's own name.
  drop(name);
  for (const profile of file.profileNames()) {
    const sso = resolveSso(file, settingsOf(file, profile));
    if (sso === undefined || sso instanceof VaultError) continue;
    if (nameOf(sso.session) === name) drop(profile);
  }
}
