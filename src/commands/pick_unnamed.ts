import type { Invocation } from "./context.ts";

/** The flag of commands that let a person pick a profile. */
export interface PickFlags {
  readonly pick?: boolean | undefined;
}

/**
 * The profile that a person picks for a command that names none, or `undefined` if nobody is asked:
 * `AWS_PROFILE` names one, or standard error is not a terminal, since a script with redirected errors must
 * not wait forever. `--pick` always asks; it throws `bad-usage` without a terminal.
 */
export async function pickUnnamed(
  invocation: Invocation,
  { pick }: PickFlags,
): Promise<string | undefined> {
  const { env, stderr } = invocation.host;
  if (!pick && (env.get("AWS_PROFILE") || !stderr.isTerminal())) return undefined;
  const { pickProfile } = await import("./pick_profile.ts");
  return await pickProfile(invocation, { isForced: pick === true });
}
