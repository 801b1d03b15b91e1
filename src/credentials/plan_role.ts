import { CHAINED_ROLE_MAX_SECONDS } from "./plan_limits.ts";
import type { ProfilePlan } from "./profile_plan.ts";

/** The plan of a profile with one role more at its end, which the profile's credentials assume. */
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
    why: "a program asked the server for it",
  } as const;
  return { ...planned, plan: { ...planned.plan, steps: [...planned.plan.steps, step] } };
}
