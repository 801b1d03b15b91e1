import { printLines } from "../print.ts";
import { readKeptLogins } from "../sso/kept_logins.ts";
import { loginSessionEnd, type StoredLoginSession } from "../sso/login_session.ts";
import { readLoginSessions } from "../sso/login_session_credentials.ts";
import type { StoredLogin } from "../sso/stored_login.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { renderTable } from "./table.ts";

/** The flags of `sso status`. */
export interface SsoStatusFlags extends GlobalFlags {
  readonly json?: boolean | undefined;
}

/** A login, or the name of one to which nobody is signed in. */
interface Status {
  readonly name: string;
  readonly startUrl?: string;
  readonly region?: string;
  /** Absent: nobody is signed in. */
  readonly tokenUntil?: Temporal.Instant;
  /** Until when, at most, it can be renewed without a person. */
  readonly refreshUntil?: Temporal.Instant;
}

/** `sso status`: the kept logins and their expirations; asks nobody but the keystore. */
export async function ssoStatus(this: CommandContext, flags: SsoStatusFlags): Promise<void> {
  const invocation = this.open(flags);
  const { host } = invocation;
  const cache = await invocation.cache();
  const kept = (await readKeptLogins(cache)).map(({ stored }) => statusOf(stored));
  const known = new Set(kept.map(({ name }) => name));
  const others = invocation.config().ssoSessionNames().filter((name) => !known.has(name))
    .map((name): Status => ({ name }));
  const portals = [...kept, ...others].sort((a, b) => a.name < b.name ? -1 : 1);
  const consoles = (await readLoginSessions(cache)).map(({ stored }) => statusOfSession(stored));
  const all = [...portals, ...consoles];
  const now = host.clock.now();
  printLines(host.stdout, flags.json ? renderJson(all, now) : renderRows(all, now));
  cache.requireWorking();
}

function statusOf({ name, startUrl, region, token, client }: StoredLogin): Status {
  return {
    ...{ name, startUrl, region },
    tokenUntil: token.expiresAt,
    ...token.refreshToken && { refreshUntil: client.expiresAt },
  };
}

/** A person's login to the console is named by the person's ARN. */
function statusOfSession(stored: StoredLoginSession): Status {
  const { expiration } = stored.credentials;
  return {
    name: stored.arn,
    region: stored.place.region,
    ...expiration && { tokenUntil: expiration },
    refreshUntil: loginSessionEnd(stored),
  };
}

function isLive({ tokenUntil }: Status, now: Temporal.Instant): boolean {
  return tokenUntil !== undefined && Temporal.Instant.compare(tokenUntil, now) > 0;
}

function renderRows(all: readonly Status[], now: Temporal.Instant): string[] {
  const rows = all.map((login) => {
    const { name, tokenUntil, refreshUntil } = login;
    const until = tokenUntil && (isLive(login, now) ? formatInstant(tokenUntil) : "expired");
    return [name, until ?? "-", refreshUntil ? formatInstant(refreshUntil) : "-"];
  });
  return renderTable(["Login", "Token until", "Refreshable until"], rows);
}

function renderJson(all: readonly Status[], now: Temporal.Instant): string[] {
  const values = all.map((login) => {
    const { name, startUrl, region, tokenUntil, refreshUntil } = login;
    return {
      name,
      signedIn: isLive(login, now) || refreshUntil !== undefined,
      startUrl,
      region,
      expiration: tokenUntil && formatInstant(tokenUntil),
      refreshUntil: refreshUntil && formatInstant(refreshUntil),
    };
  });
  return JSON.stringify(values, null, 2).split("\n");
}
