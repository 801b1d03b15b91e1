/** Whether a person must sign in for a profile, given the kept login: sentences for `explain`, without a call. */

import type { Profile } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import { describeLogin, signInCommand } from "../sso/login.ts";
import {
  describeLoginSession,
  type LoginSession,
  loginSessionCommand,
  loginSessionEnd,
  loginSessionIdentity,
  readLoginSession,
} from "../sso/login_session.ts";
import type { LoginStoreDeps } from "../sso/login_store.ts";
import { openLoginStore } from "../sso/open_login_store.ts";
import { loginOfProfile } from "./sso_login.ts";

/** The parts of a login that decide whether a person is needed. */
interface Kept {
  /** Until when the kept credentials or token serve. */
  readonly until: Temporal.Instant | undefined;
  /** Until when AWS renews it, unless it has ended the login; `undefined`: never. */
  readonly renewedUntil: Temporal.Instant | undefined;
}

/** For a profile of IAM Identity Center; `undefined` if the login cannot be read without a person. */
export async function describeSignIn(
  deps: LoginStoreDeps,
  profile: Profile,
): Promise<string | undefined> {
  const login = loginOfProfile(deps.host, profile, {});
  return await describe(deps, describeLogin(login), signInCommand(login), async () => {
    const stored = await (await openLoginStore(deps, login)).read();
    return stored && {
      until: stored.token.expiresAt,
      renewedUntil: stored.token.refreshToken && stored.client.expiresAt,
    };
  });
}

/** For a profile with a `login_session`; `undefined` if the login cannot be read without a person. */
export async function describeSessionSignIn(
  deps: LoginStoreDeps,
  session: LoginSession,
): Promise<string | undefined> {
  const place = describeLoginSession(session);
  return await describe(deps, place, loginSessionCommand(session), async () => {
    const stored = await readLoginSession(await deps.cache(), await loginSessionIdentity(session));
    return stored && {
      until: stored.credentials.expiration,
      renewedUntil: loginSessionEnd(stored),
    };
  });
}

async function describe(
  { host }: LoginStoreDeps,
  place: string,
  command: string,
  read: () => Promise<Kept | undefined>,
): Promise<string | undefined> {
  try {
    const kept = await read();
    const isAhead = (end: Temporal.Instant | undefined) =>
      end !== undefined && Temporal.Instant.compare(end, host.clock.now()) > 0;
    if (isAhead(kept?.until)) return `Nobody is asked, while the login to ${place} is valid`;
    return isAhead(kept?.renewedUntil)
      ? `Nobody is asked, if AWS renews the login to ${place}`
      : `Nobody is signed in to ${place}: a person must sign in; to do so in advance: ${command}`;
  } catch (error) {
    // For example a locked keystore, which is reported separately.
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
