/** A person signs in for a `login_session`: in a browser here, or on another device with a code to paste. */

import { createSigninToken, SIGNIN_CLIENTS, type SigninGrant, signinUrl } from "../aws/signin.ts";
import { chooseForSignIn } from "../browser/place_page.ts";
import { isSameSecret } from "../constant_time.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { PROMPTS_OFF, type SignInOptions } from "../sign_in.ts";
import { asClause, quote, shorten } from "../text.ts";
import { challengeOf, type CodeGrant, randomText, signInInBrowser } from "./browser_code.ts";
import { makeProofKey, proverOf } from "./dpop.ts";
import type { LoginStoreDeps } from "./login_store.ts";
import {
  describeLoginSession,
  type LoginSession,
  loginSessionCommand,
  loginSessionName,
  type StoredLoginSession,
  writeLoginSession,
} from "./login_session.ts";
import { announce, LONGEST_SIGN_IN_MS } from "./sign_in_run.ts";

/** The path to which AWS redirects another device, and where AWS shows the answer. */
const CONFIRMATION_PATH = "/v1/sessions/confirmation";

/**
 * Has a person sign in, and keeps the login.
 *
 * Throws `needs-person` at once if nobody can be asked, and `conflict` if the person who signed in is not the
 * one in the setting: these credentials are not kept, since every use of the profile would use them.
 */
export async function signInLoginSession(
  deps: LoginStoreDeps,
  session: LoginSession,
  options: SignInOptions,
  why: string,
): Promise<StoredLoginSession> {
  if (!options.mayPrompt) {
    throw nobodyToAsk(session, `${why}, and ${options.whyUnasked ?? PROMPTS_OFF}`);
  }
  const proofKey = await makeProofKey();
  const stored = await signInSomehow({ ...deps, session, options, proofKey });
  const cache = await deps.cache();
  // Count first: credentials of the previous login must not be used beside the new one.
  cache.count(loginSessionName(session.arn));
  await writeLoginSession(cache, session, stored);
  return stored;
}

interface Run extends LoginStoreDeps {
  readonly session: LoginSession;
  readonly options: SignInOptions;
  readonly proofKey: Secret;
}

async function signInSomehow(run: Run): Promise<StoredLoginSession> {
  const { host, options } = run;
  if (options.isRemote || options.useDeviceCode) return await signInRemotely(run);
  const choice = chooseForSignIn(host, options);
  if (choice.kind !== "elsewhere") return await signInHere(run, choice);
  host.talk.debug(() => `Signing in on another device: ${choice.why}`);
  return await signInRemotely(run);
}

async function signInHere(
  run: Run,
  choice: Parameters<typeof signInInBrowser>[0]["choice"],
): Promise<StoredLoginSession> {
  const { host, session } = run;
  const clientId = SIGNIN_CLIENTS.sameDevice;
  return await signInInBrowser({
    host,
    choice,
    what: describeLoginSession(session),
    otherDeviceFlag: "--remote",
    page: (request) => signinUrl(session.place, { clientId, ...request }),
    exchange: (grant) => exchange(run, clientId, grant),
    refused: ({ error, description }) =>
      refused(session, shorten(description === "" ? error : `${error}: ${description}`, 300)),
    late: (minutes) => late(session, minutes),
  });
}

/** The page on the other device shows the code, with the state of this sign-in. */
async function signInRemotely(run: Run): Promise<StoredLoginSession> {
  const { host, session } = run;
  if (!await host.terminal.isAvailable()) {
    throw nobodyToAsk(session, "no browser opens here, and there is no terminal for a code");
  }
  const clientId = SIGNIN_CLIENTS.crossDevice;
  const redirectUri = session.place.url + CONFIRMATION_PATH;
  const state = randomText(host, 32);
  const codeVerifier = randomText(host, 48);
  const challenge = await challengeOf(codeVerifier);
  await announce(host, [
    `To sign in to ${describeLoginSession(session)}, open this address in a browser on any device:`,
    `  ${signinUrl(session.place, { clientId, redirectUri, state, challenge })}`,
    "Do not enter a code that somebody else sent you",
  ]);
  const typed = await host.terminal.ask("Enter the authorization code that the page shows: ", {
    hidden: true,
    timeoutMs: LONGEST_SIGN_IN_MS,
  });
  const code = readPastedCode(session, typed, state);
  return await exchange(run, clientId, { code, codeVerifier, redirectUri });
}

/** Base64 of `state=…&code=…`; a code of another sign-in, perhaps somebody else's, is refused. */
function readPastedCode(session: LoginSession, typed: Secret, state: Secret): Secret {
  const query = new URLSearchParams(decodeBase64(typed.reveal().trim()));
  const [given, code] = [query.getAll("state"), query.getAll("code")];
  if (given.length !== 1 || code.length !== 1 || !code[0]) {
    throw refused(session, "what was entered is not an authorization code");
  }
  if (isSameSecret(given[0]!, state.reveal())) return new Secret(code[0]);
  throw refused(session, "the code belongs to another sign-in");
}

function decodeBase64(text: string): string {
  try {
    const alphabet = /[-_]/.test(text) ? "base64url" : "base64";
    return new TextDecoder().decode(Uint8Array.fromBase64(text, { alphabet }));
  } catch {
    return "";
  }
}

async function exchange(run: Run, clientId: string, code: CodeGrant): Promise<StoredLoginSession> {
  const { host, session, proofKey } = run;
  const grant: SigninGrant = { grantType: "authorization_code", ...code };
  const caller = { url: session.place.url, caCertificates: session.caCertificates };
  const prove = proverOf(host, proofKey);
  const signedInAt = host.clock.now();
  const token = await createSigninToken(host, caller, { clientId, grant, prove });
  const arn = await subjectOf(token.idToken);
  if (arn !== session.arn) throw somebodyElse(session, arn);
  const accountId = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1];
  const credentials = { ...token.credentials, ...accountId && { accountId } };
  const { refreshToken } = token;
  return { arn, place: session.place, clientId, proofKey, refreshToken, credentials, signedInAt };
}

/** AWS itself sent it over TLS, which replaces checking its signature (OpenID Connect Core 1.0, 3.1.3.7). */
async function subjectOf(idToken: Secret | undefined): Promise<string> {
  try {
    const { decodeJwt } = await import("jose");
    return decodeJwt(idToken?.reveal() ?? "").sub ?? "";
  } catch {
    return "";
  }
}

function somebodyElse(session: LoginSession, arn: string): VaultError {
  const who = arn === "" ? "AWS did not report who signed in" : `${quote(arn)} signed in`;
  return new VaultError(
    "conflict",
    `Cannot sign in for profile ${quote(session.profile)}: ${who}, ` +
      `and login_session names ${quote(session.arn)}`,
    {
      hints: ["Sign out in the browser, and sign in as the other one", "Or correct login_session"],
    },
  );
}

function nobodyToAsk(session: LoginSession, why: string): VaultError {
  return new VaultError(
    "needs-person",
    `Cannot sign in to ${describeLoginSession(session)}: ${asClause(why)}`,
    { hints: [`Sign in first: ${loginSessionCommand(session)}`] },
  );
}

function refused(session: LoginSession, why: string): VaultError {
  return new VaultError(
    "aws-refused",
    `The sign-in to ${describeLoginSession(session)} was refused: ${why}`,
    { hints: [`Start again: ${loginSessionCommand(session)}`] },
  );
}

function late(session: LoginSession, minutes: number): VaultError {
  return new VaultError(
    "needs-person",
    `Nobody signed in to ${describeLoginSession(session)} within ${minutes} minutes`,
    { hints: [`Start again: ${loginSessionCommand(session)}`] },
  );
}
