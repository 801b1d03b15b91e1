/** The contract of stores that keep logins and registrations. */

import type { OidcClient } from "../aws/oidc.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import type { TalkingHost } from "../talk.ts";
import type { SsoPlace } from "./login.ts";
import type { StoredLogin } from "./stored_login.ts";

/** A registration is not used in its last minutes, because a sign-in takes time. */
export const CLIENT_MARGIN_SECONDS = 15 * 60;

/** What the store needs. */
export interface LoginStoreDeps {
  readonly host: TalkingHost;
  readonly cache: () => Promise<SessionCache>;
}

/** The purpose of a registration. */
export interface ClientPurpose {
  readonly grant: "code" | "device";
  readonly scopes: readonly string[];
}

/** The logins of one place. */
export interface LoginStore {
  /** The login as it is kept, even with an expired access token; `undefined` if there is none. */
  read(): Promise<StoredLogin | undefined>;
  write(stored: StoredLogin): Promise<void>;
  drop(): Promise<void>;
  /** A registration for the purpose that is valid for long enough. */
  readClient(place: SsoPlace, purpose: ClientPurpose): Promise<OidcClient | undefined>;
  writeClient(place: SsoPlace, purpose: ClientPurpose, client: OidcClient): Promise<void>;
  dropClient(place: SsoPlace, purpose: ClientPurpose): Promise<void>;
  /** Counts a login or logout: role credentials of the previous login are no longer used. */
  count(): Promise<void>;
}
