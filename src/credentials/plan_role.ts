import { guardPlan } from "./guard_plan.ts";
import { CHAINED_ROLE_MAX_SECONDS } from "./plan_limits.ts";
import type { ProfilePlan } from "./profile_plan.ts";
import { requireOwnPartition } from "./role_partition.ts";

/** The plan of a profile with one more role at its end, assumed with the profile's credentials. */
export function withRole(planned: ProfilePlan, roleArn: string): ProfilePlan {
  const { name, region, endpoint, caBundle } = planned.profile;
  const profile = {
    name,
    isConfigured: true,
    roleArn,
    ...region !== undefined && { region },
    ...caBundle !== undefined && { caBundle },
    endpoint,
    sourceSettings: {},
    cacheEnv: [],
    sessionTags: [],
    transitiveTagKeys: [],
    noSession: false,
  };
  const step = {
    action: "AssumeRole",
    profile,
    durationSeconds: CHAINED_ROLE_MAX_SECONDS,
    why: "a program requested it from the server",
  } as const;
  const unguarded = { ...planned.unguarded, steps: [...planned.unguarded.steps, step] };
  requireOwnPartition(unguarded, planned.env, { byProgram: true });
  // The last call is narrowed, not the one before: else the role would have all its rights.
  const plan = guardPlan(unguarded, planned.guard, planned.lifetimes);
  return { ...planned, plan, unguarded };
}
