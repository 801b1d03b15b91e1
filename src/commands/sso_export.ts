import { resolveLifetimes } from "../config/lifetimes.ts";
import type { Profile } from "../config/profile.ts";
import { findSource } from "../credentials/find_source.ts";
import { resolveGuard } from "../credentials/guard.ts";
import { guardPlan } from "../credentials/guard_plan.ts";
import { planCredentials } from "../credentials/plan.ts";
import { requireSso } from "../credentials/sso_login.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { CommandContext, Invocation, SignInFlags } from "./context.ts";
import { exportPlanned, type PrintFlags } from "./export.ts";
import { requireSsoTarget } from "./sso_target.ts";

/** The flags of `sso export`. */
export interface SsoExportFlags
  extends SignInFlags, Pick<PrintFlags, "format" | "output" | "minTtl" | "forceRefresh"> {
  readonly account: string;
  readonly role: string;
  readonly region?: string | undefined;
  readonly noCache?: boolean | undefined;
}

/** `sso export [NAME]`: prints credentials of a role that has no profile. */
export async function ssoExport(
  this: CommandContext,
  flags: SsoExportFlags,
  name?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const { profile } = requireSsoTarget(invocation, flags, name);
  const planned = await planFor(invocation, withRole(profile, flags), flags);
  await exportPlanned(invocation, flags, planned, `${flags.role}-${flags.account}`);
}

function withRole(profile: Profile, { account, role, region }: SsoExportFlags): Profile {
  if (!/^\d{12}$/.test(account)) {
    throw new VaultError("bad-usage", `Cannot use --account ${quote(account)}: it needs 12 digits`);
  }
  if (!/^[\w+=,.@-]{1,64}$/.test(role)) {
    throw new VaultError("bad-usage", `Cannot use --role ${quote(role)}: it is not a role name`);
  }
  const { roleArn: _, sourceProfile: __, ...own } = profile;
  const sso = { ...requireSso(profile), accountId: account, roleName: role };
  return { ...own, ...region && { region }, isConfigured: true, sso };
}

async function planFor(
  { host, sources }: Invocation,
  profile: Profile,
  { ssoCache }: Pick<SsoExportFlags, "ssoCache">,
) {
  const source = await findSource([profile], sources, {
    hasKey: () => Promise.resolve(false),
    host,
  });
  const lifetimes = resolveLifetimes(host.env, { durationSeconds: undefined });
  const guard = resolveGuard({ host, profile, wishes: { ssoCache } });
  if (guard.refusal !== undefined) throw guard.refusal;
  const unguarded = planCredentials({ chain: [profile], source, lifetimes, useSessions: false });
  const plan = guardPlan(unguarded, guard, lifetimes);
  return { plan, unguarded, guard, profile, lifetimes, env: host.env };
}
