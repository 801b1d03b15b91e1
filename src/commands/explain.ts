import type { PlanSource, PlanStep } from "../credentials/plan.ts";
import { sayDuration } from "../credentials/plan_limits.ts";
import { quote } from "../text.ts";
import type { CommandContext, CredentialFlags } from "./context.ts";
import { chooseProfile, planForProfile } from "./profile_plan.ts";

/** The flags of `explain`. */
export type ExplainFlags = CredentialFlags;

/** `explain [PROFILE]`: prints the plan for a profile and why it is so, and calls nobody. */
export async function explain(
  this: CommandContext,
  flags: ExplainFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const { plan } = await planForProfile(invocation, flags, chooseProfile(invocation, profile));
  const lines = [
    `Profile ${quote(plan.profile.name)} starts with ${saySource(plan.source)}`,
    ...plan.steps.map((step, i) => `${i + 1}. ${sayStep(step)}`),
    ...(plan.steps.length === 0 ? ["No call is made"] : []),
    ...plan.notes.map((note) => `note: ${note}`),
  ];
  invocation.host.stdout.write(lines.join("\n") + "\n");
}

function saySource(source: PlanSource): string {
  const name = quote(source.profile.name);
  switch (source.kind) {
    case "stored-key":
      return `the key stored for profile ${name}`;
    case "credential-process":
      return `the credential_process of profile ${name}`;
    case "web-identity":
      return `the web identity token of profile ${name}`;
  }
}

function sayStep(step: PlanStep): string {
  const whose = step.action === "AssumeRole"
    ? `AssumeRole ${step.profile.roleArn} (profile ${quote(step.profile.name)})`
    : step.action;
  const mfa = step.mfa ? `, with a code of ${quote(step.mfa.serial)}` : "";
  return `${whose} for ${sayDuration(step.durationSeconds)}${mfa}: ${step.why}`;
}
