/** Where logins and registrations are kept: the contract of what keeps them. */

import type { OidcClient } from "../aws/oidc.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import type { TalkingHost } from "../talk.ts";
import type { SsoPlace } from "./login.ts";
import type { StoredLogin } from "./stored_login.ts";

/** A registration is not used in its last minutes: a sign-in takes some. */
export const CLIENT_MARGIN_SECONDS = 15 * 60;

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
