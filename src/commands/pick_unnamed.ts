import type { Invocation } from "./context.ts";

/** The flag of commands for which a profile can be picked. */
export interface PickFlags {
  readonly pick?: boolean | undefined;
}

/**
 * The profile that a person picks for a command that names none, or `undefined` where nobody is asked:
 * `AWS_PROFILE` names one, or standard error is not a terminal, since a script whose errors go elsewhere
 * must not wait forever. `--pick` asks in any case; it throws `bad-usage` without a terminal.
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
