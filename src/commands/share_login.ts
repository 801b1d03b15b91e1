/**
 * Whether a login to Identity Center is shared with the AWS CLI (`--sso-cache`, `aws_vault_sso_cache`).
 *
 * A shared login is unencrypted where every program finds it, and gives all of its roles. An agent with
 * limited access to any profile of that login could get the rest from there: for agents the login stays in
 * our own store.
 */

import { detectAgent } from "../agent.ts";
import type { Profile } from "../config/profile.ts";
import { readAgents } from "../config/guard_settings.ts";
import { settingsOf } from "../config/inherit.ts";
import { loginName, resolveSso, type SsoProfile } from "../config/sso_settings.ts";
import { agentLimit } from "../credentials/guard.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { Invocation, SignInFlags } from "./context.ts";

/** The shared login, and the requester. */
export interface ShareRequest {
  /** The profile whose login it is. */
  readonly profile: Profile;
  /** The profile whose credentials are requested, if it is a different one. */
  readonly asked?: Profile | undefined;
  readonly flags: Pick<SignInFlags, "ssoCache">;
  /** The requesting agent, if it is not that of this process. */
  readonly agent?: string | undefined;
}

/**
 * `false` if a profile of that login limits an agent, else the value of the flags. Throws `refused` if
 * the flags share it anyway.
 */
export function sharesLogin(
  invocation: Pick<Invocation, "host" | "config">,
  request: ShareRequest,
): boolean | undefined {
  const { profile: { sso }, flags, agent = detectAgent(invocation.host.env) } = request;
  if (agent === undefined || sso === undefined || sso instanceof VaultError) return flags.ssoCache;
  if (!(flags.ssoCache ?? sso.sharesCache)) return flags.ssoCache;
  const limit = findLimit(invocation, request, sso);
  if (limit === undefined) return flags.ssoCache;
  if (!flags.ssoCache) return false;
  throw new VaultError(
    "refused",
    `Cannot share the login of ${quote(request.profile.name)} with the AWS CLI for the agent ` +
      `${quote(agent)}: ${limit}`,
    { hints: ["A person can run it in a terminal of their own, or change the setting"] },
  );
}

/** The setting that limits agents in one of the profiles whose roles the login gives. */
function findLimit(
  { host, config }: Pick<Invocation, "host" | "config">,
  { profile, asked }: ShareRequest,
  { session }: SsoProfile,
): string | undefined {
  const file = config();
  const others = file.profileNames().map((name) => settingsOf(file, name)).filter((settings) => {
    const sso = resolveSso(file, settings);
    if (sso === undefined || sso instanceof VaultError) return false;
    return loginName(sso.session) === loginName(session);
  });
  const all = [profile.guards?.agents, asked?.guards?.agents, ...others.map(readAgents)];
  return all.map((agents) => agentLimit({ agents }, host.env)?.why).find((why) => why);
}
