/** Asks a person before credentials leave (`aws_vault_confirm`, `aws_vault_agents = confirm`). */

import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { VaultError } from "../errors.ts";
import { type ExternalDriver, parsePromptDriver } from "../prompt/driver_names.ts";
import { findWindow } from "../prompt/external.ts";
import { listPolicies } from "../session_policies.ts";
import { escapeControls, quote } from "../text.ts";
import { askingProgram } from "./asking_program.ts";
import type { Invocation } from "./context.ts";
import { isRemembered, remember, type YesFor } from "./remembered_yes.ts";

/** The subject of the question. */
type Asked = Pick<ProfilePlan, "guard" | "profile"> & Partial<Pick<ProfilePlan, "plan">>;

/**
 * Asks if a guard rail requires it, and returns whether a person said yes, now or before. `y` and
 * `yes` are yes; Enter alone is no.
 *
 * Throws `refused` for a no, and `needs-person` if nobody can be asked.
 */
export async function confirmUse(
  invocation: Invocation,
  asked: Asked,
): Promise<true | undefined> {
  const { confirm, agent } = asked.guard;
  if (confirm === undefined) return undefined;
  const { host } = invocation;
  const program = askingProgram(host.platform.callers?.() ?? [], { isAgent: agent !== undefined });
  const what: YesFor | undefined = program && {
    program: program.key,
    profile: asked.profile.name,
    of: describeWhose(asked),
    policies: policiesOf(asked),
  };
  if (what !== undefined && await isRemembered(host, what, confirm.rememberSeconds)) return true;
  const text = [describe(asked, program?.text, agent), `(${confirm.why})`].join("\n");
  if (!await ask(invocation, asked, text)) {
    throw new VaultError(
      "refused",
      `No credentials of profile ${quote(asked.profile.name)} are given out: the answer was no`,
    );
  }
  if (what !== undefined && confirm.rememberSeconds > 0) await remember(host, what);
  return true;
}

function describe(asked: Asked, program = "a program", agent: string | undefined): string {
  const policies = policiesOf(asked);
  return escapeControls([
    `${program}${agent === undefined ? "" : ` (agent ${quote(agent)})`} asks for credentials`,
    `of profile ${quote(asked.profile.name)}${describeWhose(asked)}`,
    ...policies.length === 0 ? [] : [`narrowed to ${policies.join(" and ")}`],
  ].join(" "));
}

/** The account and the role, as far as they are known without calling AWS. */
function describeWhose({ profile, plan }: Asked): string {
  const role = plan?.steps.findLast(({ action }) => action === "AssumeRole")?.profile.roleArn ??
    profile.roleArn;
  const sso = profile.sso instanceof VaultError ? undefined : profile.sso;
  const account = role?.split(":")[4] ?? profile.accountId ?? sso?.accountId;
  const name = role?.split("/").at(-1) ?? sso?.roleName;
  return [
    ...name ? [`, role ${quote(name)}`] : [],
    ...account ? [`, account ${account}`] : [],
  ].join("");
}

function policiesOf({ guard }: Asked): string[] {
  return guard.policies === undefined ? [] : listPolicies(guard.policies);
}

async function ask(
  invocation: Invocation,
  { profile, guard }: Asked,
  text: string,
): Promise<boolean> {
  const { host } = invocation;
  const way = invocation.mayPrompt ? await chooseWay(invocation, guard.agent) : undefined;
  if (way === undefined) {
    throw new VaultError(
      "needs-person",
      `A person must agree before credentials of profile ${quote(profile.name)} are given out, ` +
        "and none can be asked",
      { hints: ["Run it in a terminal, or where a window can be shown"] },
    );
  }
  if (way === "terminal") {
    for (const line of text.split("\n")) await host.terminal.write(line);
    const answer = await host.terminal.ask("Give them? (y|N) ");
    return isYes(answer.reveal());
  }
  const { askInWindow } = await import("../prompt/external.ts");
  return isYes(await askInWindow(host, way, `${text}\nType y to give them`));
}

function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * The requested window or terminal, else the terminal, else a window. Under an agent a window comes first:
 * an agent may control the other end of its terminal, and would answer itself.
 */
async function chooseWay(
  { host, flags }: Invocation,
  agent: string | undefined,
): Promise<"terminal" | ExternalDriver | undefined> {
  const name = flags.prompt ?? host.env.get("AWS_VAULT_PROMPT");
  const named = name ? parsePromptDriver(name) : undefined;
  const window = findWindow(host, named);
  const isNamed = named !== undefined && window === named;
  if (window !== undefined && (isNamed || agent !== undefined)) return window;
  return await host.terminal.isAvailable() ? "terminal" : window;
}
