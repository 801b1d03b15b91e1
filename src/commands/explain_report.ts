/** The result of `explain`, as text and as JSON. */

import type { CachedAnswer } from "../credentials/find_cached.ts";
import type { Guard } from "../credentials/guard.ts";
import type { Plan, PlanStep } from "../credentials/plan.ts";
import { formatDuration } from "../credentials/plan_limits.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import type { SettingOrigin } from "../credentials/setting_origins.ts";
import { listPolicies, type SessionPolicies } from "../session_policies.ts";
import { asClause, quote } from "../text.ts";
import { formatInstant } from "./export_formats.ts";

/** The result of `explain`. */
export interface Explanation {
  readonly planned: ProfilePlan;
  readonly cached: CachedAnswer;
  readonly notes: readonly string[];
  readonly settings: readonly SettingOrigin[];
}

/** Renders the text for a person. */
export function renderExplanation({ planned, cached, notes, settings }: Explanation): string[] {
  const { plan, guard } = planned;
  const { row, profile, request } = plan.source;
  return [
    `Profile ${quote(plan.profile.name)} starts with ${row.describe(profile)}` +
    describePolicies(request?.policies),
    ...plan.steps.flatMap((step, i) => [`${i + 1}. ${describeStep(step)}`, describePlace(step)]),
    ...(plan.steps.length === 0 ? ["No further call is made"] : []),
    ...describeGuard(guard, agentOf(plan)),
    describeCached(planned, cached),
    ...notes.map((note) => `note: ${note}`),
    "Settings:",
    ...settings.map(({ name, value, from }) => `  ${name} = ${value} (${from})`),
  ];
}

function describeStep(step: PlanStep): string {
  const whose = step.action === "AssumeRole"
    ? `AssumeRole ${step.profile.roleArn} (profile ${quote(step.profile.name)})`
    : step.rootTask !== undefined
    ? `${step.action} in account ${step.rootTask.account} by ${step.rootTask.taskPolicyArn}`
    : step.action;
  const mfa = step.mfa ? `, with a code of ${quote(step.mfa.serial)}` : "";
  return `${whose} for ${formatDuration(step.durationSeconds)}${mfa}` +
    `${describePolicies(step.policies)}: ${step.why}`;
}

function describePolicies(policies: SessionPolicies | undefined): string {
  return policies === undefined ? "" : `, narrowed to ${listPolicies(policies).join(" and ")}`;
}

/** The agent that the session names, if it can. */
function agentOf({ steps, source }: Plan): string | undefined {
  return steps.at(-1)?.agent ?? source.request?.agent;
}

function describeGuard(
  { policies, why, confirm, refusal }: Guard,
  agent: string | undefined,
): string[] {
  return [
    ...policies ? [`Narrowed by ${why}`] : [],
    ...agent ? [`The session names the agent ${quote(agent)}`] : [],
    ...confirm ? [`A person is asked before: ${confirm.why}`] : [],
    ...refusal ? [`Refused. ${refusal.message}`] : [],
  ];
}

function describePlace({ profile }: PlanStep): string {
  const { url, signingRegion } = profileEndpoint("sts", profile);
  return `   signed for ${signingRegion}, sent to ${url}`;
}

function describeCached({ plan }: ProfilePlan, cached: CachedAnswer): string {
  if (cached.state === "unknown") return `Cached: ${asClause(cached.why)}`;
  if (cached.state === "none") {
    return plan.steps.length === 0 && plan.source.keyName !== undefined
      ? "Cached: nothing, the stored key itself is given out"
      : "Cached: nothing usable";
  }
  const until = formatInstant(cached.expiration);
  const whose = cached.step === 0
    ? "the credentials of the source"
    : `the answer of step ${cached.step}`;
  const serves = cached.step === 0 ? "serve" : "serves";
  if (cached.state === "locked") {
    return `Cached: ${whose} until ${until}, in a keystore that is locked`;
  }
  return cached.step === plan.steps.length
    ? `Cached: ${whose} ${serves} until ${until}, and no call is made`
    : `Cached: ${whose} ${serves} until ${until}, and the calls behind it are made`;
}

/** Renders the JSON for a program; USAGE.md, "explain", documents its format. */
export function renderJson({ planned, cached, notes, settings }: Explanation): string[] {
  const { row, profile, request } = planned.plan.source;
  const value = {
    profile: planned.plan.profile.name,
    source: {
      kind: row.kind,
      profile: profile.name,
      description: row.describe(profile),
      policies: jsonPolicies(request?.policies),
    },
    steps: planned.plan.steps.map(jsonStep),
    guard: jsonGuard(planned.guard, agentOf(planned.plan)),
    cached: jsonCached(cached),
    notes,
    settings,
  };
  return JSON.stringify(value, null, 2).split("\n");
}

function jsonStep(step: PlanStep) {
  const { url, signingRegion } = profileEndpoint("sts", step.profile);
  return {
    action: step.action,
    profile: step.profile.name,
    roleArn: step.action === "AssumeRole" ? step.profile.roleArn ?? null : null,
    durationSeconds: step.durationSeconds,
    region: signingRegion,
    endpoint: url,
    mfaSerial: step.mfa?.serial ?? null,
    ...step.rootTask && { rootTask: step.rootTask },
    policies: jsonPolicies(step.policies),
    why: step.why,
  };
}

function jsonPolicies(policies: SessionPolicies | undefined): string[] {
  return policies === undefined ? [] : listPolicies(policies);
}

function jsonGuard({ policies, why, confirm, refusal }: Guard, agent: string | undefined) {
  return {
    narrowedBy: policies && why || null,
    agent: agent ?? null,
    confirm: confirm?.why ?? null,
    refusal: refusal?.message ?? null,
  };
}

function jsonCached(cached: CachedAnswer) {
  const there = cached.state === "cached" || cached.state === "locked" ? cached : undefined;
  return {
    state: cached.state,
    step: there?.step ?? null,
    expiration: there ? formatInstant(there.expiration) : null,
  };
}
