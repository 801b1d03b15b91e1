/** Signing in with a code that is confirmed on any device (RFC 8628). */

import {
  type AccessToken,
  createToken,
  type DeviceAuthorization,
  GRANTS,
  type OidcClient,
  registerClient,
  startDeviceAuthorization,
} from "../aws/oidc.ts";
import { isThrottle } from "../aws/network_error.ts";
import type { BrowserChoice } from "../browser/choose_browser.ts";
import { chooseForSignIn } from "../browser/place_page.ts";
import { openPage } from "../browser/open_page.ts";
import { RedirectOnce } from "../browser/redirect_once.ts";
import { AwsError } from "../errors.ts";
import type { Listener } from "../host.ts";
import { describeLogin } from "./login.ts";
import {
  announce,
  hasAwsCode,
  isNetworkTrouble,
  notInTime,
  refusedInBrowser,
  type SignInRun,
  withClient,
} from "./sign_in_run.ts";

/** RFC 8628, 3.5: each "slow down" lengthens the pause by this much. */
const SLOWER_BY_SECONDS = 5;
/** The number of consecutive polls that may get no answer. */
const MOST_LOST_POLLS = 3;

/** The result of a device sign-in: the token, and the registration that refreshes it. */
export interface SignedIn {
  readonly token: AccessToken;
  readonly client: OidcClient;
}

/** Signs in with a code. Throws `needs-person` when it expires, `aws-refused` if the person refuses. */
export async function signInByDevice(
  run: SignInRun,
  scopes: readonly string[],
): Promise<SignedIn> {
  const { host, oidc, place } = run;
  // No list of grants, as in the AWS CLI: that registers a client for devices, with refresh tokens.
  const register = () => registerClient(host, oidc, { scopes });
  return await withClient(run, { grant: "device", scopes }, register, async (client) => {
    const asked = await startDeviceAuthorization(host, oidc, client, place.startUrl);
    const token = await withPage(run, asked, () => poll(run, client, asked));
    return { token, client };
  });
}

/** Shows the code and the page, and keeps the local redirect to the page open until the person answers. */
async function withPage<T>(
  { host, login, options }: SignInRun,
  asked: DeviceAuthorization,
  act: () => Promise<T>,
): Promise<T> {
  const choice = chooseForSignIn(host, options);
  await announce(host, [
    `To sign in to ${describeLogin(login)}, open this page in a browser on any device:`,
    `  ${asked.verificationUriComplete}`,
    `Check that the page shows this code: ${asked.userCode}`,
    "Do not confirm another code, or one that somebody else sent you",
  ]);
  if (choice.kind !== "open") return await act();
  const once = new RedirectOnce(host.random, asked.verificationUriComplete);
  const listener = host.servers.listen(0, (request) => {
    const url = new URL(request.url);
    return Promise.resolve(once.answer(url) ?? new Response(null, { status: 404 }));
  });
  return await whileOpen(listener, async () => {
    void openInBrowser(host, choice, listener, once);
    return await act();
  });
}

async function whileOpen<T>(listener: Listener, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    listener.close();
  }
}

function openInBrowser(
  host: SignInRun["host"],
  choice: Extract<BrowserChoice, { kind: "open" }>,
  listener: Listener,
  once: RedirectOnce,
): Promise<void> {
  return openPage(host, choice, `http://${listener.host}${once.path}`);
}

/** Polls for the token until the person has answered, as often as AWS allows. */
async function poll(
  { host, oidc, login }: SignInRun,
  client: OidcClient,
  asked: DeviceAuthorization,
): Promise<AccessToken> {
  const { clock } = host;
  const endMs = clock.monotonicMs() + asked.expiresInSeconds * 1000;
  const expired = () => notInTime(login, Math.max(1, Math.round(asked.expiresInSeconds / 60)));
  let seconds = Math.max(1, asked.intervalSeconds);
  for (let lost = 0;;) {
    await clock.sleep(seconds * 1000);
    if (clock.monotonicMs() > endMs) throw expired();
    try {
      const grant = { grantType: GRANTS.device, deviceCode: asked.deviceCode };
      return await createToken(host, oidc, client, grant);
    } catch (error) {
      if (hasAwsCode(error, "AuthorizationPendingException")) lost = 0;
      else if (hasAwsCode(error, "SlowDownException")) seconds += SLOWER_BY_SECONDS;
      else if (hasAwsCode(error, "ExpiredTokenException")) throw expired();
      else if (hasAwsCode(error, "AccessDeniedException")) throw refusedInBrowser(login, "");
      else if (!mayPass(error) || ++lost > MOST_LOST_POLLS) throw error;
    }
  }
}

/** A person is signing in: AWS's own failures are waited out, as network failures are. */
function mayPass(error: unknown): boolean {
  return isNetworkTrouble(error) ||
    error instanceof AwsError && (error.status >= 500 || isThrottle(error.awsCode, error.status));
}
