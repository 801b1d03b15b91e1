/**
 * A person's answer in a browser of this machine: a listener on a free port, one page, one code
 * (RFC 6749, 7636, 8252). The caller defines what to request, and how to use the code.
 */

import type { BrowserChoice } from "../browser/choose_browser.ts";
import { openPage } from "../browser/open_page.ts";
import { RedirectOnce } from "../browser/redirect_once.ts";
import type { Listener } from "../host.ts";
import { Secret } from "../secret.ts";
import type { TalkingHost } from "../talk.ts";
import { type BrowserAnswer, Callback, CALLBACK_PATH } from "./callback.ts";
import { announce, hasAwsCode, LONGEST_SIGN_IN_MS } from "./sign_in_run.ts";

/** The parameters of an authorization page. */
export interface PageRequest {
  readonly redirectUri: string;
  readonly state: Secret;
  /** The hash of the code verifier (RFC 7636, 4.2). */
  readonly challenge: string;
}

/** The parameters of the exchange of a code. */
export interface CodeGrant {
  readonly code: Secret;
  readonly codeVerifier: Secret;
  readonly redirectUri: string;
}

/** One sign-in in a browser. */
export interface BrowserSignIn<T> {
  readonly host: TalkingHost;
  readonly choice: Exclude<BrowserChoice, { kind: "elsewhere" }>;
  /** The target of the sign-in: `sso-session "corp"`. */
  readonly what: string;
  /** The flag for using a browser on another machine. */
  readonly otherDeviceFlag: string;
  /** The address of the authorization page. */
  page(request: PageRequest): string;
  exchange(grant: CodeGrant): Promise<T>;
  /** The error for an answer without a code. */
  refused(answer: Extract<BrowserAnswer, { kind: "error" }>): Error;
  /** The error if the person does not answer within this many minutes. */
  late(minutes: number): Error;
}

/** AWS's codes for a code that came too late. */
const EXPIRED = ["ExpiredTokenException", "InvalidGrantException", "AUTHCODE_EXPIRED"];

/** Has a person sign in, and gives what the code was exchanged for; the browser shows the result. */
export async function signInInBrowser<T>(signIn: BrowserSignIn<T>): Promise<T> {
  const { host } = signIn;
  const state = randomText(host, 32);
  // 64 characters of the set that RFC 7636, 4.1 allows.
  const codeVerifier = randomText(host, 48);
  const challenge = await challengeOf(codeVerifier);
  const pageFor = (redirectUri: string) => signIn.page({ redirectUri, state, challenge });
  const server = listen(host, state, pageFor);
  const { callback, redirectUri } = server;
  try {
    await showPage(signIn, server);
    const answer = await answerInTime(signIn, callback.answer);
    if (answer.kind === "error") throw signIn.refused(answer);
    const exchanged = await signIn.exchange({ code: answer.code, codeVerifier, redirectUri });
    callback.finish("signed-in");
    return exchanged;
  } catch (error) {
    const isExpired = hasAwsCode(error, ...EXPIRED);
    callback.finish(isExpired ? "expired" : server.isRefused() ? "refused" : "failed");
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

function listen(
  host: TalkingHost,
  state: Secret,
  pageFor: (redirectUri: string) => string,
): SignInServer {
  // The port is known only once the server listens.
  const ready = Promise.withResolvers<Callback>();
  const listener = host.servers.listen(
    0,
    async (request) => await (await ready.promise).handle(request, listener.host),
  );
  const redirectUri = `http://${listener.host}${CALLBACK_PATH}`;
  const pageUrl = pageFor(redirectUri);
  const once = new RedirectOnce(host.random, pageUrl);
  const callback = new Callback(state, once);
  ready.resolve(callback);
  let isRefused = false;
  void callback.answer.then(({ kind }) => isRefused = kind === "error");
  return { listener, callback, redirectUri, once, pageUrl, isRefused: () => isRefused };
}

async function showPage<T>(
  { host, choice, what, otherDeviceFlag }: BrowserSignIn<T>,
  { listener, once, pageUrl }: SignInServer,
): Promise<void> {
  if (choice.kind === "open") {
    await announce(host, [
      `Opening a browser to sign in to ${what}; if none opens, use this address:`,
      `  ${pageUrl}`,
    ]);
    void openPage(host, choice, `http://${listener.host}${once.path}`);
    return;
  }
  await announce(host, [
    `To sign in to ${what}, open this address in a browser on this machine ` +
    `(for another machine use ${otherDeviceFlag}):`,
    `  ${pageUrl}`,
  ]);
}

/** The answer, or an error if there is none within ten minutes. */
async function answerInTime<T>(
  { host, late }: BrowserSignIn<T>,
  answer: Promise<BrowserAnswer>,
): Promise<BrowserAnswer> {
  const end = new AbortController();
  const limit = host.clock.sleep(LONGEST_SIGN_IN_MS, end.signal).then(() => {
    throw late(LONGEST_SIGN_IN_MS / 60_000);
  });
  limit.catch(() => {});
  try {
    return await Promise.race([answer, limit]);
  } finally {
    end.abort();
  }
}

/** Unguessable text of the characters of a code verifier. */
export function randomText({ random }: Pick<TalkingHost, "random">, bytes: number): Secret {
  const options = { alphabet: "base64url", omitPadding: true } as const;
  return new Secret(random.bytes(bytes).toBase64(options));
}

/** RFC 7636, 4.2. */
export async function challengeOf(verifier: Secret): Promise<string> {
  const bytes = new TextEncoder().encode(verifier.reveal());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toBase64({ alphabet: "base64url", omitPadding: true });
}
