/** What a sign-in needs, in either flow. */

import type { OidcClient } from "../aws/oidc.ts";
import type { RestCaller } from "../aws/rest_json.ts";
import { AwsError, hasCode, VaultError } from "../errors.ts";
import type { SignInOptions } from "../sign_in.ts";
import type { TalkingHost } from "../talk.ts";
import { counted } from "../text.ts";
import { describeLogin, signInCommand, type SsoLogin, type SsoPlace } from "./login.ts";
import type { ClientPurpose, LoginStore } from "./login_store.ts";

/** One sign-in. */
export interface SignInRun {
  readonly host: TalkingHost;
  readonly store: LoginStore;
  readonly login: SsoLogin;
  readonly place: SsoPlace;
  readonly options: SignInOptions;
  readonly oidc: RestCaller;
}

/** The person's time limit, in milliseconds: the same as in the AWS CLI. */
export const LONGEST_SIGN_IN_MS = 10 * 60_000;

/**
 * Shows something that the person needs now: on standard error, and also on the terminal if that is
 * elsewhere, as under a program that captures the standard error of its `credential_process`.
 */
export async function announce(
  { stderr, talk, terminal }: TalkingHost,
  lines: readonly string[],
): Promise<void> {
  for (const line of lines) talk.say(line);
  if (stderr.isTerminal() || !await terminal.isAvailable()) return;
  for (const line of lines) await terminal.write(line);
}

/**
 * Uses a registration of this program, the kept one or a new one; if AWS no longer knows it, it is
 * replaced once.
 */
export async function withClient<T>(
  { store, place }: SignInRun,
  purpose: ClientPurpose,
  register: () => Promise<OidcClient>,
  use: (client: OidcClient) => Promise<T>,
): Promise<T> {
  const registerAndUse = async () => {
    const client = await register();
    await store.writeClient(place, purpose, client);
    return await use(client);
  };
  const known = await store.readClient(place, purpose);
  if (known === undefined) return await registerAndUse();
  try {
    return await use(known);
  } catch (error) {
    if (!hasAwsCode(error, "InvalidClientException")) throw error;
    await store.dropClient(place, purpose);
    return await registerAndUse();
  }
}

/** Whether AWS refused with one of these codes. */
export function hasAwsCode(error: unknown, ...codes: readonly string[]): error is AwsError {
  return error instanceof AwsError && codes.includes(error.awsCode);
}

/** The error if the person did not answer in time. */
export function notInTime(login: SsoLogin, minutes: number): VaultError {
  return new VaultError(
    "needs-person",
    `Nobody signed in to ${describeLogin(login)} within ${
      counted(minutes, "minute")
    }: the request has expired`,
    { hints: [`Start again: ${signInCommand(login)}`] },
  );
}

/** The error if the person, or AWS in the browser, refused. */
export function refusedInBrowser(login: SsoLogin, why: string): VaultError {
  return new VaultError(
    "aws-refused",
    `The sign-in to ${describeLogin(login)} was refused in the browser${
      why === "" ? "" : `: ${why}`
    }`,
    { hints: [`Start again: ${signInCommand(login)}`] },
  );
}

/** Whether AWS could not be reached or read, which a retry may solve. */
export function isNetworkTrouble(error: unknown): error is VaultError {
  return hasCode(error, "network");
}
