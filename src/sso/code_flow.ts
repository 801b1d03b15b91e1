/** Signing in with a browser on this machine: authorization code, PKCE (RFC 6749, 7636, 8252). */

import { authorizeUrl, createToken, GRANTS, type OidcClient, registerClient } from "../aws/oidc.ts";
import type { BrowserChoice } from "../browser/choose_browser.ts";
import { shorten } from "../text.ts";
import { signInInBrowser } from "./browser_code.ts";
import { type BrowserAnswer, CALLBACK_PATH } from "./callback.ts";
import type { SignedIn } from "./device_flow.ts";
import { describeLogin } from "./login.ts";
import {
  hasAwsCode,
  notInTime,
  refusedInBrowser,
  type SignInRun,
  withClient,
} from "./sign_in_run.ts";

/** AWS accepts a loopback address as a number, with this path and without the port, which only we know. */
const REGISTERED_REDIRECT = `http://127.0.0.1${CALLBACK_PATH}`;

/** This Identity Center does not support the code flow; the device flow may work. */
export class CodeFlowUnavailable extends Error {
  override readonly name = "CodeFlowUnavailable";
}

/**
 * Signs in with a browser. Throws `needs-person` after ten minutes, `aws-refused` if the person refuses,
 * and {@linkcode CodeFlowUnavailable} if this flow is not available.
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
  const { host, oidc, login } = run;
  const { clientId } = client;
  return await signInInBrowser({
    host,
    choice,
    what: describeLogin(login),
    otherDeviceFlag: "--sso-device-code",
    page: ({ redirectUri, state, challenge }) => {
      const request = { clientId, redirectUri, state: state.reveal(), challenge, scopes };
      return authorizeUrl(oidc.url, request);
    },
    exchange: async (code) => {
      const grant = { grantType: GRANTS.code, ...code } as const;
      return { token: await createToken(host, oidc, client, grant), client };
    },
    refused: (answer) => refusalOf(run, answer),
    late: (minutes) => notInTime(login, minutes),
  });
}

function refusalOf(
  { login }: SignInRun,
  { error, description }: Extract<BrowserAnswer, { kind: "error" }>,
): Error {
  if (["unsupported_grant_type", "invalid_scope"].includes(error)) {
    return new CodeFlowUnavailable(shorten(error, 200));
  }
  const said = description === "" ? error : `${error}: ${description}`;
  return refusedInBrowser(login, shorten(said, 300));
}
