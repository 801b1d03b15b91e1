/** Signing in in a browser on this machine: authorization code with PKCE (RFC 6749, 7636, 8252). */

import { authorizeUrl, createToken, GRANTS, type OidcClient, registerClient } from "../aws/oidc.ts";
import type { BrowserChoice } from "../browser/choose_browser.ts";
import { openPage } from "../browser/open_page.ts";
import { RedirectOnce } from "../browser/redirect_once.ts";
import type { Listener } from "../host.ts";
import { Secret } from "../secret.ts";
import { shorten } from "../text.ts";
import { type BrowserAnswer, Callback, CALLBACK_PATH } from "./callback.ts";
import type { SignedIn } from "./device_flow.ts";
import { describeLogin } from "./login.ts";
import {
  announce,
  hasAwsCode,
  LONGEST_SIGN_IN_MS,
  notInTime,
  refusedInBrowser,
  type SignInRun,
  withClient,
} from "./sign_in_run.ts";

/** AWS takes a loopback address by its number, without the port that only we know, and with this path. */
const REGISTERED_REDIRECT = `http://127.0.0.1${CALLBACK_PATH}`;

/** Identity Center here does not know this way: a code that is shown may do. */
export class CodeFlowUnavailable extends Error {
  override readonly name = "CodeFlowUnavailable";
}

/**
 * Signs in in a browser. Throws `needs-person` after ten minutes, `aws-refused` when the person refuses,
 * and {@linkcode CodeFlowUnavailable} where this way is not open.
 */
export async function signInByBrowser(
  run: SignInRun,
  scopes: readonly string[],
  choice: Exclude<BrowserChoice, { kind: "elsewhere" }>,
): Promise<SignedIn> {
  const { host, oidc, place } = run;
  const register = () =>
    registerClient(host, oidc, {
      scopes,
      grantTypes: [GRANTS.code, GRANTS.refresh],
      redirectUris: [REGISTERED_REDIRECT],
      issuerUrl: place.startUrl,
    });
  try {
    return await withClient(
      run,
      { grant: "code", scopes },
      register,
      (client) => signInWith(run, client, scopes, choice),
    );
  } catch (error) {
    if (hasAwsCode(error, "UnsupportedGrantTypeException", "InvalidScopeException")) {
      throw new CodeFlowUnavailable(error.message, { cause: error });
    }
    throw error;
  }
}

async function signInWith(
  run: SignInRun,
  client: OidcClient,
  scopes: readonly string[],
  choice: Exclude<BrowserChoice, { kind: "elsewhere" }>,
): Promise<SignedIn> {
  const { host, oidc } = run;
  const state = randomText(run, 32);
  // 64 characters of those that RFC 7636, 4.1 allows.
  const codeVerifier = randomText(run, 48);
  const server = await listen(run, state, async (redirectUri) =>
    authorizeUrl(oidc.url, {
      clientId: client.clientId,
      redirectUri,
      state: state.reveal(),
      challenge: await challengeOf(codeVerifier),
      scopes,
    }));
  const { callback, redirectUri } = server;
  try {
    await showPage(run, choice, server);
    const code = await codeOf(run, await answerInTime(run, callback.answer));
    const grant = { grantType: GRANTS.code, code, codeVerifier, redirectUri } as const;
    const token = await createToken(host, oidc, client, grant);
    callback.finish("signed-in");
    return { token, client };
  } catch (error) {
    callback.finish(
      hasAwsCode(error, "ExpiredTokenException", "InvalidGrantException")
        ? "expired"
        : server.isRefused()
        ? "refused"
        : "failed",
    );
    throw error;
  } finally {
    await server.listener.finish();
  }
}

/** The listener of one sign-in, on a free port. */
interface SignInServer {
  readonly listener: Listener;
  readonly callback: Callback;
  readonly redirectUri: string;
  readonly once: RedirectOnce;
  /** The address of the page at which the person signs in. */
  readonly pageUrl: string;
  isRefused(): boolean;
}

async function listen(
  { host }: SignInRun,
  state: Secret,
  pageFor: (redirectUri: string) => Promise<string>,
): Promise<SignInServer> {
  // The port is known once the server listens; nobody knows it before.
  const ready = Promise.withResolvers<Callback>();
  const listener = host.servers.listen(
    0,
    async (request) => await (await ready.promise).handle(request, listener.host),
  );
  const redirectUri = `http://${listener.host}${CALLBACK_PATH}`;
  const pageUrl = await pageFor(redirectUri);
  const once = new RedirectOnce(host.random, pageUrl);
  const callback = new Callback(state, once);
  ready.resolve(callback);
  let isRefused = false;
  void callback.answer.then(({ kind }) => isRefused = kind === "error");
  return { listener, callback, redirectUri, once, pageUrl, isRefused: () => isRefused };
}

async function showPage(
  { host, login }: SignInRun,
  choice: Exclude<BrowserChoice, { kind: "elsewhere" }>,
  { listener, once, pageUrl }: SignInServer,
): Promise<void> {
  if (choice.kind === "open") {
    await announce(host, [
      `Opening a browser to sign in to ${describeLogin(login)}; if none opens, use this address:`,
      `  ${pageUrl}`,
    ]);
    void openPage(host, choice, `http://${listener.host}${once.path}`);
    return;
  }
  await announce(host, [
    `To sign in to ${describeLogin(login)}, open this address in a browser on this machine ` +
    "(for another one use --sso-device-code):",
    `  ${pageUrl}`,
  ]);
}

/** The answer, or `needs-person` after ten minutes. */
async function answerInTime(
  { host, login }: SignInRun,
  answer: Promise<BrowserAnswer>,
): Promise<BrowserAnswer> {
  const end = new AbortController();
  const late = host.clock.sleep(LONGEST_SIGN_IN_MS, end.signal).then(() => {
    throw notInTime(login, LONGEST_SIGN_IN_MS / 60_000);
  });
  late.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } finally {
    end.abort();
  }
}

function codeOf({ login }: SignInRun, answer: BrowserAnswer): Secret {
  if (answer.kind === "code") return answer.code;
  const { error, description } = answer;
  if (["unsupported_grant_type", "invalid_scope"].includes(error)) {
    throw new CodeFlowUnavailable(shorten(error, 200));
  }
  const said = description === "" ? error : `${error}: ${description}`;
  throw refusedInBrowser(login, shorten(said, 300));
}

function randomText({ host }: SignInRun, bytes: number): Secret {
  const options = { alphabet: "base64url", omitPadding: true } as const;
  return new Secret(host.random.bytes(bytes).toBase64(options));
}

/** RFC 7636, 4.2. */
async function challengeOf(verifier: Secret): Promise<string> {
  const bytes = new TextEncoder().encode(verifier.reveal());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toBase64({ alphabet: "base64url", omitPadding: true });
}
