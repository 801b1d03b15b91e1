import { resolveProfile } from "../config/profile.ts";
import { type Guard, type GuardWishes, resolveGuard } from "../credentials/guard.ts";
import type { Profile } from "../config/profile.ts";
import { sourceSettings } from "../credentials/source.ts";
import type { Invocation } from "./context.ts";

/** The guard rails of a profile without a plan: no keystore is opened. Throws its refusal. */
export function guardOf(
  invocation: Invocation,
  name: string,
  wishes: GuardWishes,
): { readonly guard: Guard; readonly profile: Profile } {
  const { host, sources } = invocation;
  const profile = resolveProfile(invocation.config(), name, {
    env: host.env,
    activeProfile: name,
    flags: {},
    sourceSettings: sourceSettings(sources),
  });
  const guard = resolveGuard({ host, profile, wishes });
  if (guard.refusal !== undefined) throw guard.refusal;
  return { guard, profile };
}
