import { openConfig, type Profile, resolveProfile } from "../../config/profile.ts";
import { durationFrom, resolveLifetimes } from "../../config/lifetimes.ts";
import { VaultError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { quote } from "../../text.ts";
import { planSource } from "../find_source.ts";
import { resolveGuard } from "../guard.ts";
import { guardPlan } from "../guard_plan.ts";
import { CHAINED_ROLE_MAX_SECONDS } from "../plan_limits.ts";
import type { PlanWishes, ProfilePlan } from "../profile_plan.ts";
import { parseRoleArn } from "../role_arn.ts";
import { requireOwnPartition } from "../role_partition.ts";
import type { CredentialSource } from "../source.ts";
import { OIDC_PROVIDERS, type OidcProvider, type TokenRequest } from "./providers.ts";

/** The options of a command line about a token and the role that it is exchanged for. */
export interface OidcWishes extends PlanWishes {
  /** `github`, `env:NAME`, … */
  readonly oidc: string;
  readonly audience?: string | undefined;
}

/**
 * The plan of `--oidc`: one AssumeRoleWithWebIdentity, without a profile. Neither config file nor
 * keystore nor home folder are read. Throws `bad-usage`.
 */
export function planForOidc(
  host: Pick<Host, "env" | "platform" | "files">,
  wishes: OidcWishes,
): ProfilePlan {
  const { env } = host;
  const { provider, request } = parseOidc(wishes);
  const durationSeconds = wishes.duration ?? durationFrom(env, "AWS_VAULT_DURATION");
  const resolved = resolveProfile(openConfig("", "no config file"), `oidc:${provider.name}`, {
    env,
    activeProfile: `oidc:${provider.name}`,
    flags: { region: wishes.region, durationSeconds },
    sourceSettings: [],
  });
  const profile = withWishes(resolved, wishes);
  const source = planSource(oidcSource(provider, request), profile);
  const lifetimes = resolveLifetimes(env, { durationSeconds });
  const guard = resolveGuard({ host, profile, wishes });
  if (wishes.use !== "shown" && guard.refusal !== undefined) throw guard.refusal;
  const unguarded = { profile, source, steps: [], notes: [] };
  requireOwnPartition(unguarded, env, wishes);
  const plan = guardPlan(unguarded, guard, lifetimes);
  return { plan, unguarded, guard, profile, lifetimes, env, leavesNothing: true };
}

function withWishes(profile: Profile, { roleArn, roleSessionName }: OidcWishes): Profile {
  const arn = roleArn === undefined ? profile.roleArn : parseRoleArn(roleArn, profile.region);
  if (arn === undefined) {
    throw new VaultError("bad-usage", "Cannot use --oidc without a role", {
      hints: ["Name the role with --role-arn, or with AWS_ROLE_ARN"],
    });
  }
  return { ...profile, roleArn: arn, ...(roleSessionName !== undefined && { roleSessionName }) };
}

function parseOidc(
  { oidc, audience }: OidcWishes,
): { provider: OidcProvider; request: TokenRequest } {
  const [, name = "", argument] = /^([^:]*)(?::([^]*))?$/.exec(oidc)!;
  const provider = OIDC_PROVIDERS.find((row) => row.name === name);
  const isWhole = provider !== undefined &&
    (provider.argument === undefined ? argument === undefined : !!argument);
  if (!isWhole) throw unknownProvider(oidc);
  if (audience !== undefined && provider.audienceIsIn !== undefined) {
    const why = `the audience of its token is set by ${provider.audienceIsIn}`;
    throw new VaultError("bad-usage", `Cannot use --audience with --oidc ${name}: ${why}`);
  }
  return { provider, request: { argument: argument ?? "", audience } };
}

function unknownProvider(oidc: string): VaultError {
  const known = OIDC_PROVIDERS.map(({ name, argument }) =>
    argument === undefined ? name : `${name}:${argument}`
  );
  return new VaultError("bad-usage", `Cannot understand --oidc ${quote(oidc)}`, {
    hints: [`Use one of: ${known.join(", ")}`],
  });
}

/** A source without a profile: its credentials are not cached, since a job leaves nothing behind. */
function oidcSource(provider: OidcProvider, request: TokenRequest): CredentialSource {
  return {
    kind: "AssumeRoleWithWebIdentity",
    settings: [],
    canShowMfa: false,
    takesRole: true,
    takesPolicies: true,
    namesAgent: true,
    matches: () => false,
    describe: ({ roleArn }) =>
      `the identity token of ${provider.name}, ` +
      `which AssumeRoleWithWebIdentity exchanges for role ${roleArn ?? ""}`,
    durationSeconds,
    open({ host }, profile, own) {
      // Opening a keystore normally does this; none is opened here.
      host.native.guardMemory();
      return {
        fingerprint: () => undefined,
        async obtain() {
          const token = await provider.obtain(host, request);
          const asked = { ...own, durationSeconds: durationSeconds(profile) };
          const { exchangeToken } = await import("../sources/exchange_token.ts");
          return await exchangeToken(host, profile, asked, token);
        },
      };
    },
  };
}

function durationSeconds({ roleDurationSeconds }: Profile): number {
  return roleDurationSeconds ?? CHAINED_ROLE_MAX_SECONDS;
}
