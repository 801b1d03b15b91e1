/**
 * An access token of a login: the kept one, a refreshed one, or one for which a person signs in.
 *
 * Of many processes one refreshes or asks, under the lock of the login, and the others read its result:
 * the end of a login once opened a browser tab for each of them
 * (https://github.com/ByteNess/aws-vault/pull/337).
 */

import { createToken, GRANTS } from "../aws/oidc.ts";
import { singleFlight } from "../cache/flight.ts";
import { AwsError } from "../errors.ts";
import { WaitBudget } from "../lock.ts";
import type { Secret } from "../secret.ts";
import type { SignInOptions } from "../sign_in.ts";
import { asClause } from "../text.ts";
import { callerOf, describeLogin, type SsoLogin, tokenIdentity } from "./login.ts";
import type { LoginStore, LoginStoreDeps } from "./login_store.ts";
import { openLoginStore } from "./open_login_store.ts";
import { hasAwsCode, isNetworkTrouble } from "./sign_in_run.ts";
import type { StoredLogin } from "./stored_login.ts";

/** A token with no more time left than this is refreshed. */
const MARGIN_SECONDS = 5 * 60;
/** A token that cannot be refreshed is used until this much time is left. */
const LEAST_SECONDS = 30;

/** The parameters of a request for a token. */
export interface TokenRequest {
  readonly options: SignInOptions;
  /** The remaining time to wait for other processes; that of `options` by default. */
  readonly budget?: WaitBudget | undefined;
  /** The token that AWS refused: it is not used again, whatever its expiration. */
  readonly rejected?: Secret | undefined;
  /** Always asks a person. */
  readonly isNew?: boolean | undefined;
}

/** The login with a usable access token; throws the errors of signing in. */
export async function obtainLogin(
  deps: LoginStoreDeps,
  login: SsoLogin,
  request: TokenRequest,
): Promise<StoredLogin> {
  const store = await openLoginStore(deps, login);
  const { rejected, options } = request;
  const serves = (stored: StoredLogin | undefined) =>
    stored !== undefined && stored.token.accessToken.reveal() !== rejected?.reveal() &&
    hasLeft(deps, stored, stored.token.refreshToken ? MARGIN_SECONDS : LEAST_SECONDS);
  const before = request.isNew ? (await store.read())?.token.accessToken.reveal() : undefined;
  return await singleFlight(deps.host, {
    identity: await tokenIdentity(login),
    profile: login.profile,
    budget: request.budget ?? new WaitBudget(options.waitMs),
  }, {
    look: async () => {
      const stored = await store.read();
      const isMade = !request.isNew || stored?.token.accessToken.reveal() !== before;
      return isMade && serves(stored) ? stored : undefined;
    },
    act: () => renew(deps, store, login, request),
  });
}

/**
 * Acts with a login. If AWS refuses an unexpired token, it is replaced once: refreshed, or by a person
 * who signs in.
 */
export async function withLogin<T>(
  deps: LoginStoreDeps,
  login: SsoLogin,
  request: Pick<TokenRequest, "options" | "budget">,
  act: (stored: StoredLogin) => Promise<T>,
): Promise<T> {
  const stored = await obtainLogin(deps, login, request);
  try {
    return await act(stored);
  } catch (error) {
    if (!(error instanceof AwsError) || error.status !== 401) throw error;
    const rejected = stored.token.accessToken;
    return await act(await obtainLogin(deps, login, { ...request, rejected }));
  }
}

function hasLeft({ host }: LoginStoreDeps, { token }: StoredLogin, seconds: number): boolean {
  const end = host.clock.now().add({ seconds });
  return Temporal.Instant.compare(token.expiresAt, end) > 0;
}

async function renew(
  deps: LoginStoreDeps,
  store: LoginStore,
  login: SsoLogin,
  request: TokenRequest,
): Promise<StoredLogin> {
  const stored = await store.read();
  if (stored !== undefined && !request.isNew) {
    const refreshed = await refresh(deps, store, login, stored, request);
    if (refreshed !== undefined) return refreshed;
    // It is worthless now: spare the next call the same refusal.
    await store.drop();
  }
  const { signIn } = await import("./sign_in.ts");
  const why = request.isNew
    ? "that needs a person"
    : stored === undefined
    ? "nobody is signed in"
    : request.rejected
    ? "AWS has ended the login"
    : "the login has expired";
  return await signIn(deps, login, request.options, why);
}

/** A new token without a person; `undefined` if only a person can get one. */
async function refresh(
  deps: LoginStoreDeps,
  store: LoginStore,
  login: SsoLogin,
  stored: StoredLogin,
  { rejected }: TokenRequest,
): Promise<StoredLogin | undefined> {
  const { host } = deps;
  const { refreshToken } = stored.token;
  const isOver = Temporal.Instant.compare(stored.client.expiresAt, host.clock.now()) <= 0;
  if (refreshToken === undefined || isOver) return undefined;
  try {
    const oidc = callerOf(login, "oidc", stored.region);
    const grant = { grantType: GRANTS.refresh, refreshToken } as const;
    const token = await createToken(host, oidc, stored.client, grant);
    const renewed = { ...stored, token };
    await store.write(renewed);
    host.talk.debug(() => `Refreshed the login to ${describeLogin(login)}`);
    return renewed;
  } catch (error) {
    if (hasAwsCode(error, ...REFRESH_REFUSALS)) return undefined;
    const isAlive = rejected?.reveal() !== stored.token.accessToken.reveal() &&
      hasLeft(deps, stored, LEAST_SECONDS);
    if (!isNetworkTrouble(error) || !isAlive) throw error;
    host.talk.warn(
      `The login to ${describeLogin(login)} was not refreshed: ${asClause(error.message)}`,
    );
    return stored;
  }
}

/** Refusals after which the refresh token is worthless. */
const REFRESH_REFUSALS = [
  "InvalidGrantException",
  "ExpiredTokenException",
  "AccessDeniedException",
  "InvalidClientException",
  "UnauthorizedClientException",
  "InvalidRequestException",
  "InvalidScopeException",
  "UnsupportedGrantTypeException",
];
