import { withoutOuterExec } from "../config/outer_exec.ts";
import { resolveProfile } from "../config/profile.ts";
import type { PlanWishes } from "../credentials/profile_plan.ts";
import { type Guard, type GuardWishes, resolveGuard } from "../credentials/guard.ts";
import type { Profile } from "../config/profile.ts";
import { sourceSettings } from "../credentials/source.ts";
import type { Invocation } from "./context.ts";

/** The guard rails of a profile without a plan: opens no keystore. Throws its refusal. */
export function guardOf(
  invocation: Invocation,
  name: string,
  wishes: GuardWishes & Pick<PlanWishes, "region">,
): { readonly guard: Guard; readonly profile: Profile } {
  const { host, sources } = invocation;
  const own = sourceSettings(sources);
  const profile = resolveProfile(invocation.config(), name, {
    env: withoutOuterExec(host.env, invocation.config(), own),
    activeProfile: name,
    flags: { region: wishes.region },
    sourceSettings: own,
  });
  const guard = resolveGuard({ host, profile, wishes });
  if (guard.refusal !== undefined) throw guard.refusal;
  return { guard, profile };
}
