/** A plan within its guard rails: its last call is narrowed, or it is refused. */

import type { Lifetimes } from "../config/lifetimes.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { Guard } from "./guard.ts";
import type { Plan, PlanStep } from "./plan.ts";
import { federationNotes, federationStep } from "./plan_federation.ts";

/**
 * The plan with its last call narrowed to the guard's policies, so that the result cannot do more.
 *
 * GetSessionToken takes no policy, and a key itself cannot be narrowed: both become
 * GetFederationToken. Throws `unsupported` for credentials that no call can narrow (IAM Identity
 * Center, a `credential_process`): a single forgotten path would defeat all others.
 */
export function guardPlan(plan: Plan, guard: Guard, lifetimes: Lifetimes): Plan {
  return narrow(withAgent(plan, guard), guard, lifetimes);
}

function narrow(plan: Plan, guard: Guard, lifetimes: Lifetimes): Plan {
  const { policies } = guard;
  const { source, steps } = plan;
  const last = steps.at(-1);
  if (policies === undefined) return plan;
  if (last?.rootTask !== undefined) throw notNarrowed(plan, guard);
  if (last !== undefined && last.action !== "GetSessionToken") {
    return withLast(plan, { ...last, policies });
  }
  if (source.isLongTermKey) {
    const notes = federationNotes(plan.profile, "federated");
    const why = "neither a key nor its session can be narrowed, and a federated user can";
    const step = federationStep({ source, lifetimes, why }, notes);
    return { ...plan, steps: [{ ...step, policies }], notes };
  }
  if (source.row.takesPolicies) {
    return { ...plan, source: { ...source, request: { ...source.request, policies } } };
  }
  throw notNarrowed(plan, guard);
}

/** Adds the agent's name to the session of the last role, or to the source's own. */
function withAgent(plan: Plan, { taggedAgent: agent }: Guard): Plan {
  const last = plan.steps.at(-1);
  if (agent === undefined) return plan;
  if (last?.action === "AssumeRole") return withLast(plan, { ...last, agent });
  if (last !== undefined || !plan.source.row.namesAgent) return plan;
  return { ...plan, source: { ...plan.source, request: { ...plan.source.request, agent } } };
}

function withLast(plan: Plan, step: PlanStep): Plan {
  return { ...plan, steps: [...plan.steps.slice(0, -1), step] };
}

function notNarrowed({ profile, source, steps }: Plan, { why }: Guard): VaultError {
  const what = `Cannot narrow the credentials of profile ${quote(profile.name)} (${why})`;
  const last = steps.at(-1);
  if (last !== undefined) {
    return new VaultError("unsupported", `${what}: ${last.action} takes no session policy`, {
      hints: ["It may only do its task"],
    });
  }
  return new VaultError(
    "unsupported",
    `${what}: ${source.row.kind} takes no session policy`,
    {
      hints: [
        "Assume a role with them, which can be narrowed: --role-arn ARN, " +
        `or a profile with role_arn and source_profile = ${profile.name}`,
      ],
    },
  );
}
