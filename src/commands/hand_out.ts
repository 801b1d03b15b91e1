/** The one way by which credentials leave: they are obtained, and it is recorded who had them. */

import { detectAgent } from "../agent.ts";
import type { Credentials } from "../credentials.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { recordUse } from "../record/record_use.ts";
import type { CredentialFlags, Invocation } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { obtainPlanned } from "./obtain_planned.ts";

/** To whom credentials are handed out. */
export interface Recipient {
  /** The command of ours: `exec`. */
  readonly by: string;
  /** The words of what `exec` runs. */
  readonly command?: readonly string[] | undefined;
  /** Whether its arguments are recorded, too. */
  readonly logArguments?: boolean | undefined;
}

/** Obtains the credentials of a planned profile, and records the use. */
export async function handOut(
  invocation: Invocation,
  flags: CredentialFlags,
  planned: ProfilePlan,
  recipient: Recipient,
  minTtlSeconds = 0,
): Promise<Credentials> {
  const calls: string[] = [];
  const onCall = (action: string) => void calls.push(action);
  const credentials = await obtainPlanned(invocation, flags, planned, minTtlSeconds, {
    // The command of `exec` keeps them for as long as it runs.
    renewsEarly: recipient.by === "exec",
    onCall,
  });
  if (!planned.leavesNothing) record(invocation, planned, recipient, credentials, calls);
  return credentials;
}

function record(
  { host }: Invocation,
  { plan, profile }: ProfilePlan,
  { by, command, logArguments }: Recipient,
  { accessKeyId, accountId, expiration }: Credentials,
  calls: readonly string[],
): void {
  const role = plan.steps.findLast(({ action }) => action === "AssumeRole")?.profile.roleArn ??
    (plan.source.row.takesRole ? plan.source.profile.roleArn : undefined);
  recordUse(host, {
    time: formatInstant(host.clock.now()),
    profile: profile.name,
    account: accountId ?? role?.split(":")[4],
    role,
    accessKeyId,
    expiration: expiration && formatInstant(expiration),
    how: calls.length === 0 ? howWithoutCalls(plan.steps.length) : calls.join(", "),
    by,
    command: logArguments ? command : command?.slice(0, 1),
    program: host.platform.parentProgram,
    pid: host.platform.pid,
    uid: host.platform.user,
    agent: detectAgent(host.env),
  });
}

/** A stored key that is handed out itself is neither cached nor the result of a call. */
function howWithoutCalls(steps: number): string {
  return steps === 0 ? "stored" : "cached";
}
