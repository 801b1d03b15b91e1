import type { Profile } from "../config/profile.ts";
import type { Clock } from "../host.ts";

/** The longest name of a role's session (STS API, AssumeRole). */
const LONGEST = 64;

/**
 * The name of a role's session: the profile's, else the time in nanoseconds, as aws-vault has always named
 * its sessions, since log filters know the form. It ends in the name of the agent where one is to be seen.
 */
export function sessionName(
  clock: Pick<Clock, "now">,
  { roleSessionName }: Pick<Profile, "roleSessionName">,
  agent: string | undefined,
): string {
  const name = roleSessionName ?? String(clock.now().epochNanoseconds);
  return agent === undefined ? name : `${name.slice(0, LONGEST - 1 - agent.length)}-${agent}`;
}
