import { obtainLogin } from "../sso/access_token.ts";
import { describeLoginSession } from "../sso/login_session.ts";
import { describeLogin } from "../sso/login.ts";
import type { CommandContext, Invocation, SignInFlags } from "./context.ts";
import { findLoginSessionTarget, type LoginSessionTarget, requireSsoTarget } from "./sso_target.ts";

/** The flags of `sso login`. */
export type SsoLoginFlags = SignInFlags;

/** `sso login [NAME]`: has a person sign in, even if a login is kept; also for a `login_session`. */
export async function ssoLogin(
  this: CommandContext,
  flags: SsoLoginFlags,
  name?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const other = findLoginSessionTarget(invocation, flags, name);
  if (other !== undefined) return await loginForSession(invocation, other);
  const { login, options } = requireSsoTarget(invocation, flags, name);
  await obtainLogin(invocation, login, { options, isNew: true });
  (await invocation.cache()).requireWorking();
  invocation.host.talk.say(`Signed in to ${describeLogin(login)}`);
}

async function loginForSession(
  invocation: Invocation,
  { session, options }: LoginSessionTarget,
): Promise<void> {
  const { obtainLoginSession } = await import("../sso/login_session_credentials.ts");
  await obtainLoginSession(invocation, session, { options, isNew: true });
  (await invocation.cache()).requireWorking();
  invocation.host.talk.say(`Signed in to ${describeLoginSession(session)}`);
}
