/**
 * The credentials of a `login_session`: the kept ones, renewed ones, or those for which a person signs in.
 * Of many processes one renews or asks.
 */

import { createSigninToken, revokeSigninToken } from "../aws/signin.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import { singleFlight } from "../cache/flight.ts";
import { WaitBudget } from "../lock.ts";
import type { SignInOptions } from "../sign_in.ts";
import type { TalkingHost } from "../talk.ts";
import { asClause } from "../text.ts";
import { proverOf } from "./dpop.ts";
import type { LoginStoreDeps } from "./login_store.ts";
import {
  describeLoginSession,
  LOGIN_SESSION_KIND,
  type LoginSession,
  loginSessionIdentity,
  loginSessionName,
  readLoginSession,
  type StoredLoginSession,
  writeLoginSession,
} from "./login_session.ts";
import { hasAwsCode, isNetworkTrouble } from "./sign_in_run.ts";

/** Credentials with no more time left than this are renewed, as in the AWS CLI. */
const MARGIN_SECONDS = 5 * 60;
/** The maximum lifetime of AWS's credentials. */
const LIFE_SECONDS = 15 * 60;
/** If they cannot be renewed, they are used until this much time is left. */
const LEAST_SECONDS = 30;

/** AWS's errors for a login that only a person can renew. */
const OVER = ["TOKEN_EXPIRED", "USER_CREDENTIALS_CHANGED", "ValidationException"];

/** The parameters of a request for credentials. */
export interface LoginSessionRequest {
  readonly options: SignInOptions;
  /** The remaining time to wait for other processes; that of `options` by default. */
  readonly budget?: WaitBudget | undefined;
  /** The required remaining lifetime; above the maximum, kept credentials are not used. */
  readonly minTtlSeconds?: number | undefined;
  /** Always asks a person. */
  readonly isNew?: boolean | undefined;
}

/** The login with usable credentials; throws the errors of signing in. */
export async function obtainLoginSession(
  deps: LoginStoreDeps,
  session: LoginSession,
  { options, budget = new WaitBudget(options.waitMs), minTtlSeconds, isNew = false }:
    LoginSessionRequest,
): Promise<StoredLoginSession> {
  const identity = await loginSessionIdentity(session);
  const read = async () => await readLoginSession(await deps.cache(), identity);
  const margin = marginOf(minTtlSeconds);
  // Credentials that another process obtains from now on count as new.
  const mustBeMade = isNew || margin === undefined;
  const before = mustBeMade ? (await read())?.refreshToken.reveal() : undefined;
  return await singleFlight(deps.host, {
    identity,
    profile: session.profile,
    budget,
  }, {
    look: async () => {
      const stored = await read();
      const isMade = !mustBeMade || stored?.refreshToken.reveal() !== before;
      const least = margin ?? MARGIN_SECONDS;
      return stored && isMade && hasLeft(deps.host, stored, least) ? stored : undefined;
    },
    act: async () => {
      const stored = isNew ? undefined : await read();
      const renewed = stored && await renew(deps, session, stored);
      if (renewed !== undefined) return renewed;
      if (stored !== undefined) (await deps.cache()).drop(identity);
      const { signInLoginSession } = await import("./login_session_sign_in.ts");
      const why = isNew
        ? "that needs a person"
        : stored
        ? "the login has expired"
        : "nobody is signed in";
      return await signInLoginSession(deps, session, options, why);
    },
  });
}

/**
 * The required remaining lifetime of kept credentials; `undefined`: never use them (`--force-refresh`). SDKs
 * require their whole lifetime, and would renew them with every call.
 */
function marginOf(minTtlSeconds = 0): number | undefined {
  if (minTtlSeconds > LIFE_SECONDS) return undefined;
  return minTtlSeconds === LIFE_SECONDS ? MARGIN_SECONDS : Math.max(MARGIN_SECONDS, minTtlSeconds);
}

function hasLeft(
  { clock }: Pick<TalkingHost, "clock">,
  { credentials: { expiration } }: StoredLoginSession,
  seconds: number,
): boolean {
  const end = clock.now().add({ seconds });
  return expiration !== undefined && Temporal.Instant.compare(expiration, end) > 0;
}

/** New credentials without a person; `undefined` if only a person can get them. */
async function renew(
  { host, cache }: LoginStoreDeps,
  session: LoginSession,
  stored: StoredLoginSession,
): Promise<StoredLoginSession | undefined> {
  const { clientId, refreshToken, proofKey, credentials: { accountId } } = stored;
  const grant = { grantType: "refresh_token", refreshToken } as const;
  const caller = { url: session.place.url, caCertificates: session.caCertificates };
  try {
    const prove = proverOf(host, proofKey);
    const token = await createSigninToken(host, caller, { clientId, grant, prove });
    const credentials = { ...token.credentials, ...accountId && { accountId } };
    const renewed = { ...stored, credentials, refreshToken: token.refreshToken };
    await writeLoginSession(await cache(), session, renewed);
    return renewed;
  } catch (error) {
    if (hasAwsCode(error, ...OVER)) return undefined;
    if (!isNetworkTrouble(error) || !hasLeft(host, stored, LEAST_SECONDS)) throw error;
    const what = describeLoginSession(session);
    host.talk.warn(`The login to ${what} was not renewed: ${asClause(error.message)}`);
    return stored;
  }
}

/** A login and the row that holds it. */
export interface KeptLoginSession {
  readonly identity: string;
  readonly stored: StoredLoginSession;
}

/** The kept logins, of one person or all. */
export async function readLoginSessions(
  cache: SessionCache,
  arn?: string,
): Promise<KeptLoginSession[]> {
  const kept: KeptLoginSession[] = [];
  for (const identity of cache.secrets(LOGIN_SESSION_KIND)) {
    const stored = await readLoginSession(cache, identity);
    if (stored !== undefined && (arn === undefined || stored.arn === arn)) {
      kept.push({ identity, stored });
    }
  }
  return kept;
}

/** Ends a login: first here, so that no copy is used, then at AWS; throws the errors of AWS or the network. */
export async function endLoginSession(
  host: TalkingHost,
  cache: SessionCache,
  { identity, stored }: KeptLoginSession,
  caCertificates: readonly string[] | undefined,
): Promise<void> {
  cache.drop(identity);
  cache.count(loginSessionName(stored.arn));
  const { place, refreshToken, clientId, proofKey } = stored;
  const { url, oauthUrl, region } = place;
  let { credentials } = stored;
  let token = refreshToken;
  if (!hasLeft(host, stored, LEAST_SECONDS)) {
    // The revocation is signed with the login's own credentials.
    const grant = { grantType: "refresh_token", refreshToken } as const;
    const prove = proverOf(host, proofKey);
    const renewed = await createSigninToken(host, { url, caCertificates }, {
      ...{ clientId, grant, prove },
    }).catch((error) => {
      if (hasAwsCode(error, ...OVER)) return undefined;
      throw error;
    });
    if (renewed === undefined) return;
    credentials = renewed.credentials;
    token = renewed.refreshToken;
  }
  await revokeSigninToken(host, { url: oauthUrl, region, credentials, caCertificates }, token);
}
