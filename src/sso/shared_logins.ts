/**
 * A login that is shared with the AWS CLI and the SDKs through their files in `~/.aws/sso/cache`.
 *
 * The formats are botocore's (`tokens.py`, `utils.py`: `SSOTokenProvider`, `BaseSSOTokenFetcher`); they hold
 * the tokens unencrypted, which is why this is done only on request.
 */

import type { OidcClient } from "../aws/oidc.ts";
import { loginsFolder } from "../config/files.ts";
import { hasCode, unlessFileFails } from "../errors.ts";
import type { Host } from "../host.ts";
import { Secret } from "../secret.ts";
import { type TalkingHost, warnOnce } from "../talk.ts";
import { asClause } from "../text.ts";
import { callerOf, type SsoLogin, type SsoPlace } from "./login.ts";
import { CLIENT_MARGIN_SECONDS, type ClientPurpose, type LoginStore } from "./login_store.ts";
import type { StoredLogin } from "./stored_login.ts";

/** Keeps logins in our own store and in the files; if two differ, the one that expires later counts. */
export class SharedLogins implements LoginStore {
  readonly #host: TalkingHost;
  readonly #login: SsoLogin;
  readonly #own: LoginStore;

  constructor(host: TalkingHost, login: SsoLogin, own: LoginStore) {
    this.#host = host;
    this.#login = login;
    this.#own = own;
  }

  /**
   * A login of the AWS CLI becomes ours: it is counted, as it may be another person's. A login of ours from
   * before it was shared becomes the CLI's.
   */
  async read(): Promise<StoredLogin | undefined> {
    const own = await this.#own.read();
    const shared = await readToken(this.#host, this.#login);
    if (shared === undefined || !isNewer(shared, own)) {
      if (own !== undefined && !isSame(own, shared)) await this.#share(own);
      return own;
    }
    if (own !== undefined) await this.#own.count();
    await this.#own.write(shared);
    return shared;
  }

  async write(stored: StoredLogin): Promise<void> {
    await this.#own.write(stored);
    await this.#share(stored);
  }

  async #share(stored: StoredLogin): Promise<void> {
    const { session } = this.#login;
    const { token, client } = stored;
    await this.#writeFile(tokenKey(session), {
      startUrl: session.startUrl,
      region: stored.region,
      accessToken: token.accessToken.reveal(),
      expiresAt: formatTime(token.expiresAt),
      clientId: client.clientId,
      clientSecret: client.clientSecret.reveal(),
      registrationExpiresAt: formatTime(client.expiresAt),
      ...token.refreshToken && { refreshToken: token.refreshToken.reveal() },
    });
  }

  async drop(): Promise<void> {
    await this.#own.drop();
    await removeSharedLogin(this.#host, this.#login);
  }

  async readClient(place: SsoPlace, purpose: ClientPurpose): Promise<OidcClient | undefined> {
    return await this.#own.readClient(place, purpose) ??
      await this.#readSharedClient(place, purpose);
  }

  async #readSharedClient(
    place: SsoPlace,
    purpose: ClientPurpose,
  ): Promise<OidcClient | undefined> {
    const fields = await readFields(this.#host, this.#clientKey(place));
    const client = fields && clientOf(fields, "expiresAt");
    const isForCode = Array.isArray(fields?.["grantTypes"]) &&
      fields["grantTypes"].includes("authorization_code");
    if (client === undefined || isForCode !== (purpose.grant === "code")) return undefined;
    const end = this.#host.clock.now().add({ seconds: CLIENT_MARGIN_SECONDS });
    return Temporal.Instant.compare(client.expiresAt, end) > 0 ? client : undefined;
  }

  async writeClient(place: SsoPlace, purpose: ClientPurpose, client: OidcClient): Promise<void> {
    await this.#own.writeClient(place, purpose, client);
    await this.#writeFile(this.#clientKey(place), {
      clientId: client.clientId,
      clientSecret: client.clientSecret.reveal(),
      expiresAt: formatTime(client.expiresAt),
      scopes: scopesOf(purpose),
      ...purpose.grant === "code" && { grantTypes: ["authorization_code", "refresh_token"] },
    });
  }

  async dropClient(place: SsoPlace, purpose: ClientPurpose): Promise<void> {
    await this.#own.dropClient(place, purpose);
    const path = await pathOf(this.#host, this.#clientKey(place));
    if (path !== undefined) this.#host.files.remove(path);
  }

  async count(): Promise<void> {
    await this.#own.count();
  }

  /** The JSON that botocore hashes: Python's format, with sorted keys. The scopes are those of the settings. */
  #clientKey({ region, startUrl }: SsoPlace): string {
    const { name, scopes } = this.#login.session;
    return renderPython({
      region,
      scopes: scopes.length > 0 ? scopes : null,
      session_name: name ?? null,
      startUrl,
      tool: "botocore",
    });
  }

  /** A login that cannot be shared is still used here. */
  async #writeFile(key: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    const path = await pathOf(this.#host, key);
    if (path === undefined) return;
    const { files, talk } = this.#host;
    try {
      files.makeFolder(path.slice(0, path.lastIndexOf("/")));
      files.writeWhole(path, renderPython(fields), { mode: 0o600 });
    } catch (error) {
      if (!hasCode(error, "file-failed", "unsafe-file")) throw error;
      warnOnce(talk, `The login is not shared with the AWS CLI: ${asClause(error.message)}`);
    }
  }
}

function isNewer({ token }: StoredLogin, own: StoredLogin | undefined): boolean {
  if (own === undefined) return true;
  return token.accessToken.reveal() !== own.token.accessToken.reveal() &&
    Temporal.Instant.compare(token.expiresAt, own.token.expiresAt) >= 0;
}

function isSame({ token }: StoredLogin, other: StoredLogin | undefined): boolean {
  return token.accessToken.reveal() === other?.token.accessToken.reveal();
}

/** Removes the file of a login, if it exists. */
export async function removeSharedLogin(
  host: Pick<Host, "files" | "platform">,
  { session }: SsoLogin,
): Promise<void> {
  const path = await pathOf(host, tokenKey(session));
  if (path !== undefined) host.files.remove(path);
}

/** Removes the file of an ended login, if it holds this very token. */
export async function removeSharedToken(
  host: Pick<Host, "files" | "platform">,
  session: SsoLogin["session"],
  token: Secret,
): Promise<void> {
  const fields = await readFields(host, tokenKey(session));
  if (fields?.["accessToken"] !== token.reveal()) return;
  const path = await pathOf(host, tokenKey(session));
  if (path !== undefined) unlessFileFails(() => host.files.remove(path));
}

function tokenKey({ name, startUrl }: SsoLogin["session"]): string {
  return name ?? startUrl;
}

function scopesOf({ scopes }: ClientPurpose): readonly string[] | null {
  return scopes.length > 0 ? scopes : null;
}

async function pathOf(
  host: Pick<Host, "platform">,
  key: string,
): Promise<string | undefined> {
  const folder = loginsFolder(host);
  if (folder === undefined) return undefined;
  // A file name, as botocore makes it; nothing depends on SHA-1 being hard to invert.
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key));
  return `${folder}/${new Uint8Array(digest).toHex()}.json`;
}

type Fields = Readonly<Record<string, unknown>>;

async function readFields(
  host: Pick<Host, "files" | "platform">,
  key: string,
): Promise<Fields | undefined> {
  const path = await pathOf(host, key);
  if (path === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(host.files.readText(path) ?? "null");
    return typeof value === "object" && value !== null ? value as Fields : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, "file-failed", "unsafe-file")) {
      return undefined;
    }
    throw error;
  }
}

/** A file for another portal or region than in the settings, or an incomplete one, is not this login's. */
async function readToken(
  host: Pick<Host, "files" | "platform">,
  login: SsoLogin,
): Promise<StoredLogin | undefined> {
  const { session } = login;
  const fields = await readFields(host, tokenKey(session));
  if (fields === undefined || fields["startUrl"] !== session.startUrl) return undefined;
  const { accessToken, refreshToken, region } = fields;
  const expiresAt = parseTime(fields["expiresAt"]);
  const isOfRegion = session.region === undefined || region === session.region;
  if (typeof accessToken !== "string" || typeof region !== "string") return undefined;
  if (expiresAt === undefined || !isOfRegion || !/^[\x21-\x7e]+$/.test(accessToken)) {
    return undefined;
  }
  const client = clientOf(fields, "registrationExpiresAt");
  return {
    startUrl: session.startUrl,
    configuredUrl: session.startUrl,
    region,
    name: session.name ?? session.startUrl,
    portalUrl: callerOf(login, "portal", region).url,
    token: {
      accessToken: new Secret(accessToken),
      refreshToken: client && typeof refreshToken === "string"
        ? new Secret(refreshToken)
        : undefined,
      expiresAt,
    },
    client: client ?? { clientId: "", clientSecret: new Secret(""), expiresAt },
  };
}

function clientOf(fields: Fields, expiration: string): OidcClient | undefined {
  const { clientId, clientSecret } = fields;
  const expiresAt = parseTime(fields[expiration]);
  if (typeof clientId !== "string" || typeof clientSecret !== "string") return undefined;
  return expiresAt && { clientId, clientSecret: new Secret(clientSecret), expiresAt };
}

/** Older versions of the AWS CLI write `UTC` instead of `Z`. */
function parseTime(text: unknown): Temporal.Instant | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return Temporal.Instant.from(text.replace(/UTC$/, "Z"));
  } catch {
    return undefined;
  }
}

function formatTime(instant: Temporal.Instant): string {
  return instant.toString().replace(/\.\d+Z$/, "Z");
}

/** Python's `json.dumps`: a blank after each comma and colon, and only ASCII. */
function renderPython(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderPython).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, member]) =>
      `${renderPython(name)}: ${renderPython(member)}`
    );
    return `{${members.join(", ")}}`;
  }
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
