/** `exec --profile-env`: the command gets a profile's name, and SDKs obtain its credentials themselves. */

import { VaultError } from "../errors.ts";
import type { CredentialAccess } from "../exec/environment.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { obtainLogin } from "../sso/access_token.ts";
import { openLoginStore } from "../sso/open_login_store.ts";
import type { CredentialFlags, Invocation } from "./context.ts";
import { resolveGuard } from "../credentials/guard.ts";
import { confirm, handOut, type Recipient } from "./hand_out.ts";
import { requireSsoTarget } from "./sso_target.ts";

/**
 * Makes sure that the profile's credentials can be obtained, before a command fails without them;
 * puts an Identity Center login where SDKs look for it.
 *
 * Throws `unsupported` for a profile that is limited: what SDKs obtain themselves is not.
 */
export async function prepareProfile(
  invocation: Invocation,
  flags: CredentialFlags & {
    readonly oidc?: string | undefined;
    readonly roleArn?: string | undefined;
  },
  planned: ProfilePlan,
  { name, ...given }: Recipient & { readonly name: string },
): Promise<CredentialAccess> {
  let recipient: Recipient = given;
  const why = planned.guard.policies !== undefined
    ? `its credentials are narrowed (${planned.guard.why}), and those that SDKs obtain are not`
    : flags.oidc !== undefined || flags.roleArn !== undefined
    ? "SDKs know only the profile, and not the role"
    : undefined;
  if (why !== undefined) {
    throw new VaultError("unsupported", `Cannot use --profile-env: ${why}`, {
      hints: ["Drop --profile-env: the command then gets the credentials themselves"],
    });
  }
  const shared = { ...flags, ssoCache: true };
  if (planned.plan.source.profile.sso !== undefined) {
    // The login becomes readable for every program, with all of its roles: a person must agree
    // first.
    const { host } = invocation;
    const { refusal } = resolveGuard({ host, profile: planned.profile, wishes: shared });
    if (refusal !== undefined) throw refusal;
    await confirm(invocation, planned);
    recipient = { ...recipient, isConfirmed: true };
    const { login, options } = requireSsoTarget(invocation, shared, name);
    const stored = await obtainLogin(invocation, login, { options });
    // A login that was kept before is only in our store.
    await (await openLoginStore(invocation, login)).write(stored);
  }
  await handOut(invocation, shared, planned, recipient);
  return { kind: "profile", name };
}
