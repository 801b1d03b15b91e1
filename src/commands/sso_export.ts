import { findSource } from "../credentials/find_source.ts";
import { planCredentials } from "../credentials/plan.ts";
import { resolveLifetimes } from "../config/lifetimes.ts";
import { requireSso } from "../credentials/sso_login.ts";
import { VaultError } from "../errors.ts";
import { printDocument } from "../print.ts";
import { quote } from "../text.ts";
import type { CommandContext, Invocation, SignInFlags } from "./context.ts";
import { appendCredentials, type ExportFormat, renderCredentials } from "./export_formats.ts";
import { obtainPlanned } from "./obtain_planned.ts";
import { requireSsoTarget } from "./sso_target.ts";
import type { Profile } from "../config/profile.ts";

/** What an SDK's credentials must still live, in seconds; see `export`. */
const SDK_MIN_TTL_SECONDS = 15 * 60;

/** The flags of `sso export`. */
export interface SsoExportFlags extends SignInFlags {
  readonly account: string;
  readonly role: string;
  readonly region?: string | undefined;
  readonly format?: ExportFormat | undefined;
  readonly noCache?: boolean | undefined;
}

/** `sso export [NAME]`: prints credentials of a role for which there is no profile. */
export async function ssoExport(
  this: CommandContext,
  flags: SsoExportFlags,
  name?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const { profile } = requireSsoTarget(invocation, flags, name);
  const named = withRole(profile, flags);
  const format = flags.format ?? "env";
  const planned = await planFor(invocation, named);
  const minTtl = format === "json" ? SDK_MIN_TTL_SECONDS : undefined;
  const credentials = await obtainPlanned(invocation, flags, planned, minTtl);
  const region = flags.region ?? named.region;
  const exported = { profile: `${flags.role}-${flags.account}`, region, credentials };
  const document = await renderCredentials(format, exported);
  appendCredentials(invocation.host, format, exported);
  printDocument(invocation.host.stdout, document);
}

function withRole(profile: Profile, { account, role }: SsoExportFlags): Profile {
  if (!/^\d{12}$/.test(account)) {
    throw new VaultError("bad-usage", `Cannot use --account ${quote(account)}: it needs 12 digits`);
  }
  if (!/^[\w+=,.@-]{1,64}$/.test(role)) {
    throw new VaultError("bad-usage", `Cannot use --role ${quote(role)}: it is not a role's name`);
  }
  const { roleArn: _, sourceProfile: __, ...own } = profile;
  const sso = { ...requireSso(profile), accountId: account, roleName: role };
  return { ...own, isConfigured: true, sso };
}

async function planFor({ host, sources }: Invocation, profile: Profile) {
  const source = await findSource([profile], sources, {
    hasKey: () => Promise.resolve(false),
    platform: host.platform,
  });
  const lifetimes = resolveLifetimes(host.env, { durationSeconds: undefined });
  const plan = planCredentials({ chain: [profile], source, lifetimes, useSessions: false });
  return { plan, profile, lifetimes, env: host.env };
}
