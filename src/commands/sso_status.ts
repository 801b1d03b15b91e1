import { printLines } from "../print.ts";
import { readKeptLogins } from "../sso/kept_logins.ts";
import type { StoredLogin } from "../sso/stored_login.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { renderTable } from "./table.ts";

/** The flags of `sso status`. */
export interface SsoStatusFlags extends GlobalFlags {
  readonly json?: boolean | undefined;
}

interface Status {
  readonly name: string;
  readonly login: StoredLogin | undefined;
}

/** `sso status`: which logins are kept and until when; asks nobody but the keystore. */
export async function ssoStatus(this: CommandContext, flags: SsoStatusFlags): Promise<void> {
  const invocation = this.open(flags);
  const { host } = invocation;
  const cache = await invocation.cache();
  const kept = new Map(
    (await readKeptLogins(cache)).map(({ stored }) => [stored.name, stored]),
  );
  const names = new Set([...kept.keys(), ...invocation.config().ssoSessionNames()]);
  const all = [...names].sort().map((name): Status => ({ name, login: kept.get(name) }));
  const now = host.clock.now();
  printLines(host.stdout, flags.json ? renderJson(all, now) : renderRows(all, now));
  cache.requireWorking();
}

function isLive({ token }: StoredLogin, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(token.expiresAt, now) > 0;
}

function renderRows(all: readonly Status[], now: Temporal.Instant): string[] {
  const rows = all.map(({ name, login }) => [
    name,
    login === undefined
      ? "-"
      : isLive(login, now)
      ? formatInstant(login.token.expiresAt)
      : "expired",
    login?.token.refreshToken ? formatInstant(login.client.expiresAt) : "-",
  ]);
  return renderTable(["Login", "Token until", "Refreshed until at most"], rows);
}

function renderJson(all: readonly Status[], now: Temporal.Instant): string[] {
  const values = all.map(({ name, login }) => ({
    name,
    signedIn: login !== undefined && (isLive(login, now) || login.token.refreshToken !== undefined),
    ...login && {
      startUrl: login.startUrl,
      region: login.region,
      expiration: formatInstant(login.token.expiresAt),
      ...login.token.refreshToken && { refreshUntil: formatInstant(login.client.expiresAt) },
    },
  }));
  return JSON.stringify(values, null, 2).split("\n");
}
