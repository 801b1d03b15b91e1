/** Where logins and registrations are kept: in the session database, and with the AWS CLI's where that is asked for. */

import type { OidcClient } from "../aws/oidc.ts";
import { requestIdentity } from "../cache/identity.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import type { TalkingHost } from "../talk.ts";
import { type SsoLogin, type SsoPlace, tokenIdentity } from "./login.ts";
import { loginName } from "./login_name.ts";
import {
  parseClient,
  parseLogin,
  renderClient,
  renderLogin,
  type StoredLogin,
} from "./stored_login.ts";

/** The kinds of the rows; `sso-` keeps them out of the list of sessions. */
const TOKEN_KIND = "sso-token";
const CLIENT_KIND = "sso-client";

/** A registration is not used in its last minutes: a sign-in takes some. */
const CLIENT_MARGIN_SECONDS = 15 * 60;

/** What the store needs. */
export interface LoginStoreDeps {
  readonly host: TalkingHost;
  readonly cache: () => Promise<SessionCache>;
}

/** What a registration was made for. */
export interface ClientPurpose {
  readonly grant: "code" | "device";
  readonly scopes: readonly string[];
}

/** The logins of one place. */
export interface LoginStore {
  /** The login as it is kept, with a dead access token too; `undefined` where there is none. */
  read(): Promise<StoredLogin | undefined>;
  write(stored: StoredLogin): Promise<void>;
  drop(): Promise<void>;
  /** A registration for the purpose that is good for long enough. */
  readClient(place: SsoPlace, purpose: ClientPurpose): Promise<OidcClient | undefined>;
  writeClient(place: SsoPlace, purpose: ClientPurpose, client: OidcClient): Promise<void>;
  dropClient(place: SsoPlace, purpose: ClientPurpose): Promise<void>;
  /** Counts a login or logout: role credentials of the one before are not served any more. */
  count(): Promise<void>;
}

/** Opens the store of a login. */
export async function openLoginStore(
  deps: LoginStoreDeps,
  login: SsoLogin,
): Promise<LoginStore> {
  return await Promise.resolve(new SealedLogins(deps, login));
}

class SealedLogins implements LoginStore {
  readonly #deps: LoginStoreDeps;
  readonly #login: SsoLogin;

  constructor(deps: LoginStoreDeps, login: SsoLogin) {
    this.#deps = deps;
    this.#login = login;
  }

  async read(): Promise<StoredLogin | undefined> {
    const identity = await tokenIdentity(this.#login);
    return parseLogin(await (await this.#deps.cache()).findSecret(identity, 0));
  }

  async write(stored: StoredLogin): Promise<void> {
    const { token, client } = stored;
    // A refresh token serves as long as its registration; what else ends it, only AWS knows.
    const expiration = token.refreshToken === undefined ? token.expiresAt : client.expiresAt;
    await (await this.#deps.cache()).storeSecret(await tokenIdentity(this.#login), {
      kind: TOKEN_KIND,
      profile: this.#login.profile,
      secret: renderLogin(stored),
      expiration,
    });
  }

  async drop(): Promise<void> {
    (await this.#deps.cache()).drop(await tokenIdentity(this.#login));
  }

  async readClient(place: SsoPlace, purpose: ClientPurpose): Promise<OidcClient | undefined> {
    const identity = await clientIdentity(this.#login, place, purpose);
    const cache = await this.#deps.cache();
    return parseClient(await cache.findSecret(identity, CLIENT_MARGIN_SECONDS));
  }

  async writeClient(place: SsoPlace, purpose: ClientPurpose, client: OidcClient): Promise<void> {
    const identity = await clientIdentity(this.#login, place, purpose);
    await (await this.#deps.cache()).storeSecret(identity, {
      kind: CLIENT_KIND,
      profile: this.#login.profile,
      secret: renderClient(client),
      expiration: client.expiresAt,
    });
  }

  async dropClient(place: SsoPlace, purpose: ClientPurpose): Promise<void> {
    const identity = await clientIdentity(this.#login, place, purpose);
    (await this.#deps.cache()).drop(identity);
  }

  async count(): Promise<void> {
    (await this.#deps.cache()).count(loginName(this.#login.session));
  }
}

function clientIdentity(
  { urls }: SsoLogin,
  { startUrl, region }: SsoPlace,
  { grant, scopes }: ClientPurpose,
): Promise<string> {
  return requestIdentity({
    request: CLIENT_KIND,
    grant,
    startUrl,
    region,
    scopes: scopes.toSorted(),
    oidc: urls.oidc,
  });
}
