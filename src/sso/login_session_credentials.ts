/**
 * The credentials of a `login_session`: the kept ones, renewed ones, or those for which a person signs in;
 * of any number of processes one renews or asks.
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

/** They are renewed when they live no longer than this, as by the AWS CLI. */
const MARGIN_SECONDS = 5 * 60;
/** What AWS gives lives no longer. */
const LIFE_SECONDS = 15 * 60;
/** Where they cannot be renewed, they are used up to this. */
const LEAST_SECONDS = 30;

/** AWS's words for a login that only a person can renew. */
const OVER = ["TOKEN_EXPIRED", "USER_CREDENTIALS_CHANGED", "ValidationException"];

/** What is asked for. */
export interface LoginSessionRequest {
  readonly options: SignInOptions;
  /** What is left of the run's patience with other processes; that of `options` by default. */
  readonly budget?: WaitBudget | undefined;
  /** How long the credentials have to live; beyond their life: the kept ones do not serve. */
  readonly minTtlSeconds?: number | undefined;
  /** A person is asked in any case. */
  readonly isNew?: boolean | undefined;
}

/** The login with credentials that serve; throws what signing in throws. */
export async function obtainLoginSession(
  deps: LoginStoreDeps,
  session: LoginSession,
  { options, budget = new WaitBudget(options.waitMs), minTtlSeconds, isNew = false }:
    LoginSessionRequest,
): Promise<StoredLoginSession> {
  const identity = await loginSessionIdentity(session);
  const read = async () => await readLoginSession(await deps.cache(), identity);
  const margin = marginOf(minTtlSeconds);
  // What another process makes from here on is new.
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
 * How long kept credentials have to live; `undefined`: none serves (`--force-refresh`). What SDKs want is
 * all of their life, for which they would be renewed with every call.
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

/** New credentials without a person; `undefined` where only a person helps. */
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

/** A login and the row that it is kept in. */
export interface KeptLoginSession {
  readonly identity: string;
  readonly stored: StoredLoginSession;
}

/** The logins that are kept, of one person or of all. */
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

/** Ends a login: here first, so that nothing serves any more, then at AWS; throws what AWS or the network says. */
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
    // What revokes it is signed with its own credentials.
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
