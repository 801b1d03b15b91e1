import type { Profile } from "../config/profile.ts";
import type { Clock } from "../host.ts";

/** The longest role session name (STS API, AssumeRole). */
const LONGEST = 64;

/**
 * The role session name: the profile's, else the time in nanoseconds, as in all versions of
 * aws-vault, since log filters know the form. It ends in the agent's name if there is one to show.
 */
export function sessionName(
  clock: Pick<Clock, "now">,
  { roleSessionName }: Pick<Profile, "roleSessionName">,
  agent: string | undefined,
): string {
  const name = roleSessionName ?? String(clock.now().epochNanoseconds);
  return agent === undefined ? name : `${name.slice(0, LONGEST - 1 - agent.length)}-${agent}`;
}
