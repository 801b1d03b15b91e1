/** The target of `exec` and `export`: a profile, or the role of a CI job's token. */

import {
  chooseProfile,
  planForProfile,
  type PlanWishes,
  type ProfilePlan,
} from "../credentials/profile_plan.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { CredentialFlags, Invocation, NarrowingFlags } from "./context.ts";
import { type PickFlags, pickUnnamed } from "./pick_unnamed.ts";

/** The flags of commands that hand credentials out. */
export interface AccessFlags extends CredentialFlags, NarrowingFlags, PickFlags {
  readonly roleArn?: string | undefined;
  readonly roleSessionName?: string | undefined;
  readonly oidc?: string | undefined;
  readonly audience?: string | undefined;
}

/** The name for the credentials: the profile's, which may be picked, or `oidc:` and the provider's. Throws `bad-usage`. */
export async function chooseAccess(
  invocation: Invocation,
  { oidc, audience, pick }: AccessFlags,
  named: string | undefined,
): Promise<string> {
  if (oidc === undefined) {
    if (audience === undefined) {
      return chooseProfile(invocation, named || await pickUnnamed(invocation, { pick }));
    }
    throw new VaultError("bad-usage", "Cannot use --audience without --oidc");
  }
  if (named === undefined) return `oidc:${oidc.replace(/:[^]*/, "")}`;
  throw new VaultError("bad-usage", `Cannot use profile ${quote(named)} with --oidc`, {
    hints: ["The role is named by --role-arn; a command goes after --"],
  });
}

/** Plans for the name from {@linkcode chooseAccess}. */
export async function planAccess(
  invocation: Invocation,
  flags: AccessFlags & Pick<PlanWishes, "use" | "agent">,
  name: string,
): Promise<ProfilePlan> {
  const { oidc } = flags;
  if (oidc === undefined) return await planForProfile(invocation, flags, name);
  const { planForOidc } = await import("../credentials/oidc/plan_oidc.ts");
  return planForOidc(invocation.host, { ...flags, oidc });
}
