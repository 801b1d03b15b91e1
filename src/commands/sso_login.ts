import { obtainLogin } from "../sso/access_token.ts";
import { describeLogin } from "../sso/login.ts";
import type { CommandContext, SignInFlags } from "./context.ts";
import { requireSsoTarget } from "./sso_target.ts";

/** The flags of `sso login`. */
export type SsoLoginFlags = SignInFlags;

/** `sso login [NAME]`: has a person sign in, whether or not a login is kept. */
export async function ssoLogin(
  this: CommandContext,
  flags: SsoLoginFlags,
  name?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const { login, options } = requireSsoTarget(invocation, flags, name);
  await obtainLogin(invocation, login, { options, isNew: true });
  (await invocation.cache()).requireWorking();
  invocation.host.talk.say(`Signed in to ${describeLogin(login)}`);
}
