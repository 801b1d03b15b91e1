import type { PlanStep } from "../credentials/plan.ts";
import { formatDuration } from "../credentials/plan_limits.ts";
import { chooseProfile, planForProfile } from "../credentials/profile_plan.ts";
import { printLines } from "../print.ts";
import { quote } from "../text.ts";
import type { CommandContext, PlanFlags } from "./context.ts";

/** The flags of `explain`. */
export interface ExplainFlags extends PlanFlags {
  readonly roleArn?: string | undefined;
}

/** `explain [PROFILE]`: prints the plan for a profile and why it is so, and calls nobody. */
export async function explain(
  this: CommandContext,
  flags: ExplainFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const { plan } = await planForProfile(invocation, flags, chooseProfile(invocation, profile));
  const { row, profile: source } = plan.source;
  const lines = [
    `Profile ${quote(plan.profile.name)} starts with ${row.describe(source)}`,
    ...plan.steps.map((step, i) => `${i + 1}. ${describeStep(step)}`),
    ...(plan.steps.length === 0 ? ["No further call is made"] : []),
    ...plan.notes.map((note) => `note: ${note}`),
  ];
  printLines(invocation.host.stdout, lines);
}

function describeStep(step: PlanStep): string {
  const whose = step.action === "AssumeRole"
    ? `AssumeRole ${step.profile.roleArn} (profile ${quote(step.profile.name)})`
    : step.action;
  const mfa = step.mfa ? `, with a code of ${quote(step.mfa.serial)}` : "";
  return `${whose} for ${formatDuration(step.durationSeconds)}${mfa}: ${step.why}`;
}
