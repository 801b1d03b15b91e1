import { readCaBundle } from "../aws/ca_bundle.ts";
import { consoleHosts, destination, isOfSeveralSessions } from "../aws/console_hosts.ts";
import {
  type ConsoleCredentials,
  getSigninToken,
  logoutUrl,
  type SignInPlace,
  signInUrl,
} from "../aws/console_sign_in.ts";
import { checkUrl } from "../config/endpoint_settings.ts";
import { fromEnv } from "../config/setting_values.ts";
import type { Env } from "../host.ts";
import type { Credentials } from "../credentials.ts";
import { chooseProfile, planForProfile, type ProfilePlan } from "../credentials/profile_plan.ts";
import { VaultError } from "../errors.ts";
import { printLines } from "../print.ts";
import type { Secret } from "../secret.ts";
import type { CommandContext, CredentialFlags, Invocation, NarrowingFlags } from "./context.ts";
import { handOut } from "./hand_out.ts";
import { environmentCredentials, requireUnguarded } from "./login_environment.ts";
import { type PageFlags, requirePage, showPage } from "./login_page.ts";
import { notePlan } from "./obtain_planned.ts";
import { type PickFlags, pickUnnamed } from "./pick_unnamed.ts";
import { isTrue, printsAddress } from "./sign_in_options.ts";

/** The flags of `login`. */
export interface LoginFlags extends CredentialFlags, NarrowingFlags, PickFlags, PageFlags {
  readonly path?: string | undefined;
  readonly service?: string | undefined;
  readonly autoLogout?: boolean | undefined;
  readonly roleArn?: string | undefined;
}

/** `login [PROFILE]`: opens AWS's console in a browser, signed in with the profile's credentials. */
export async function login(
  this: CommandContext,
  flags: LoginFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const { host } = invocation;
  const planned = await planLogin(invocation, flags, profile);
  // Before anybody is asked for a code: the address is a secret, and is not printed as a fallback.
  const opened = printsAddress(invocation.host.env, flags)
    ? undefined
    : requirePage(invocation, flags, planned?.profile);
  const place = placeOf(invocation, flags, planned);
  const page = destination(place.hosts, flags);
  const credentials = requireTemporary(
    planned === undefined
      ? await environmentCredentials(invocation, flags)
      : await handOut(invocation, flags, planned, { by: "login" }),
  );
  const duration = planned && isStraightRole(planned) ? flags.duration : undefined;
  const token = await getSigninToken(host, place, credentials, duration);
  const url = withLogout(invocation, flags, place, signInUrl(place, token, page));
  if (opened === undefined) printLines(host.stdout, [url.reveal()]);
  else await showPage(invocation, opened, url);
}

/** The plan of the profile, or `undefined` if the environment has credentials and no profile is named. */
async function planLogin(
  invocation: Invocation,
  flags: LoginFlags,
  profile: string | undefined,
): Promise<ProfilePlan | undefined> {
  const { env } = invocation.host;
  if (profile === undefined && !flags.pick && env.get("AWS_ACCESS_KEY_ID")) {
    await requireUnguarded(invocation, flags);
    return undefined;
  }
  const name = chooseProfile(invocation, profile || await pickUnnamed(invocation, flags));
  const planned = await planForProfile(invocation, { ...flags, forConsole: true }, name);
  notePlan(invocation, planned);
  return planned;
}

function requireTemporary(credentials: Credentials): ConsoleCredentials {
  const { sessionToken } = credentials;
  if (sessionToken !== undefined) return { ...credentials, sessionToken };
  throw new VaultError(
    "unsupported",
    "Cannot sign in to the console: these credentials are a long-term key",
    { hints: ["Sign in with a role: --role-arn, or a profile with a role_arn"] },
  );
}

/**
 * Whether the console session can outlast the credentials: only for a role that was not assumed with another
 * role (IAM User Guide: "Enable custom identity broker access").
 */
function isStraightRole({ plan: { source, steps } }: ProfilePlan): boolean {
  const isFromKey = source.isLongTermKey && steps.length === 1 &&
    steps[0]!.action === "AssumeRole";
  const isRole = source.row.takesRole || source.row.givesRole === true;
  return isFromKey || steps.length === 0 && isRole;
}

function placeOf(
  { host }: Invocation,
  flags: LoginFlags,
  planned: ProfilePlan | undefined,
): SignInPlace {
  const { env } = host;
  const profile = planned?.profile;
  const region = flags.region ?? profile?.region ?? env.get("AWS_REGION") ??
    env.get("AWS_DEFAULT_REGION");
  const caBundle = profile?.caBundle ?? env.get("AWS_CA_BUNDLE");
  return {
    hosts: consoleHosts(region || undefined),
    endpointUrl: signInEndpoint(env),
    caCertificates: caBundle ? readCaBundle(host, caBundle) : undefined,
  };
}

/** As for every other service: https, or http on this machine. */
function signInEndpoint(env: Env): string | undefined {
  const source = fromEnv(env, "AWS_ENDPOINT_URL_SIGNIN");
  return source && checkUrl(source, env);
}

/** Only on request: if several sessions are open in a browser, signing out answers with an error. */
function withLogout(
  { host }: Invocation,
  { autoLogout, path = "" }: LoginFlags,
  place: SignInPlace,
  url: Secret,
): Secret {
  const isWanted = autoLogout ?? isTrue(host.env, "AWS_VAULT_AUTO_LOGOUT");
  if (!isWanted) return url;
  if (isOfSeveralSessions(path)) {
    host.talk.note("Not signing out first: this address supports several console sessions");
    return url;
  }
  if (place.hosts.signOutLeadsOn) return logoutUrl(place, url);
  host.talk.note("Signing out first is not possible here: sign out in the browser yourself");
  return url;
}
