/** Whether a person signs in for a profile of Identity Center, as the kept login stands. */

import type { Profile } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import { describeLogin, signInCommand } from "../sso/login.ts";
import type { LoginStoreDeps } from "../sso/login_store.ts";
import { openLoginStore } from "../sso/open_login_store.ts";
import type { StoredLogin } from "../sso/stored_login.ts";
import { loginOfProfile } from "./sso_login.ts";

/** A sentence for `explain`; `undefined` where the login cannot be read without a person. AWS is not asked. */
export async function describeSignIn(
  deps: LoginStoreDeps,
  profile: Profile,
): Promise<string | undefined> {
  const login = loginOfProfile(deps.host, profile, {});
  const stored = await readUnlocked(deps, login);
  if (stored === "locked") return undefined;
  const place = describeLogin(login);
  const before = `a person signs in, or beforehand: ${signInCommand(login)}`;
  if (stored === undefined) return `Nobody is signed in to ${place}: ${before}`;
  const now = deps.host.clock.now();
  const isOver = (end: Temporal.Instant) => Temporal.Instant.compare(end, now) <= 0;
  const { token, client } = stored;
  if (!isOver(token.expiresAt)) return `Nobody is asked, while the login to ${place} serves`;
  return token.refreshToken === undefined || isOver(client.expiresAt)
    ? `The login to ${place} has expired: ${before}`
    : `Nobody is asked, if AWS renews the login to ${place}`;
}

async function readUnlocked(
  deps: LoginStoreDeps,
  login: Parameters<typeof openLoginStore>[1],
): Promise<StoredLogin | undefined | "locked"> {
  try {
    return await (await openLoginStore(deps, login)).read();
  } catch (error) {
    if (error instanceof VaultError) return "locked";
    throw error;
  }
}
