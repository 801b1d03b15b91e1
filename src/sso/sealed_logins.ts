/** Logins as sealed rows of the session database. */

import type { OidcClient } from "../aws/oidc.ts";
import { requestIdentity } from "../cache/identity.ts";
import { type SsoLogin, type SsoPlace, tokenIdentity } from "./login.ts";
import { loginName } from "../config/sso_settings.ts";
import {
  CLIENT_MARGIN_SECONDS,
  type ClientPurpose,
  type LoginStore,
  type LoginStoreDeps,
} from "./login_store.ts";
import {
  parseClient,
  parseLogin,
  renderClient,
  renderLogin,
  type StoredLogin,
} from "./stored_login.ts";
import { TOKEN_KIND } from "./token_kind.ts";

const CLIENT_KIND = "sso-client";

/** The logins of one place, in the session database. */
export class SealedLogins implements LoginStore {
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
    // A refresh token is valid as long as its registration; only AWS knows what else ends it.
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
