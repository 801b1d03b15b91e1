/** Signs in with the flow that this machine and the person's flags allow. */

import { chooseForSignIn } from "../browser/place_page.ts";
import { VaultError } from "../errors.ts";
import { asClause } from "../text.ts";
import { PROMPTS_OFF, type SignInOptions } from "../sign_in.ts";
import { CodeFlowUnavailable, signInByBrowser } from "./code_flow.ts";
import { type SignedIn, signInByDevice } from "./device_flow.ts";
import { callerOf, describeLogin, signInCommand, type SsoLogin } from "./login.ts";
import type { LoginStoreDeps } from "./login_store.ts";
import { openLoginStore } from "./open_login_store.ts";
import type { SignInRun } from "./sign_in_run.ts";
import { resolveStartUrl } from "./start_url.ts";
import type { StoredLogin } from "./stored_login.ts";

/** The default scopes if the settings name none: accounts and roles, and a refresh token. */
const USUAL_SCOPES = ["sso:account:access"];

/**
 * Has a person sign in, and keeps the login.
 *
 * Throws `needs-person` at once if nobody may be asked, with the reason and the command to run.
 * `why` is a clause with the reason for signing in now.
 */
export async function signIn(
  deps: LoginStoreDeps,
  login: SsoLogin,
  options: SignInOptions,
  why: string,
): Promise<StoredLogin> {
  if (!options.mayPrompt) throw nobodyToAsk(login, options, why);
  const { host } = deps;
  const place = await resolveStartUrl(host, login);
  const store = await openLoginStore(deps, login);
  const oidc = callerOf(login, "oidc", place.region);
  const signedIn = await signInSomehow({ host, store, login, place, options, oidc });
  const stored: StoredLogin = {
    ...place,
    ...signedIn,
    name: login.session.name ?? login.session.startUrl,
    configuredUrl: login.session.startUrl,
    portalUrl: callerOf(login, "portal", place.region).url,
  };
  // Count first: the previous person's credentials must not be used beside the new token.
  await store.count();
  await store.write(stored);
  host.talk.debug(() => `Signed in to ${describeLogin(login)}`);
  return stored;
}

function nobodyToAsk(
  login: SsoLogin,
  { whyUnasked = PROMPTS_OFF }: SignInOptions,
  why: string,
): VaultError {
  return new VaultError(
    "needs-person",
    `Cannot sign in to ${describeLogin(login)}: ${why}, and ${whyUnasked}`,
    { hints: [`Sign in first: ${signInCommand(login)}`] },
  );
}

async function signInSomehow(run: SignInRun): Promise<SignedIn> {
  const { host, login, options } = run;
  const scopes = login.session.scopes.length > 0 ? login.session.scopes : USUAL_SCOPES;
  if (options.useDeviceCode) return await signInByDevice(run, scopes);
  const choice = chooseForSignIn(host, options);
  if (choice.kind === "elsewhere") {
    host.talk.debug(() => `Signing in with a device code: ${choice.why}`);
    return await signInByDevice(run, scopes);
  }
  try {
    return await signInByBrowser(run, scopes, choice);
  } catch (error) {
    if (!(error instanceof CodeFlowUnavailable)) throw error;
    host.talk.note(`Identity Center does not accept this sign-in: ${asClause(error.message)}`);
    // No scopes, which an older Identity Center does not support: it gives no refresh token then.
    return await signInByDevice(run, []);
  }
}
