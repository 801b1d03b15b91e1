/**
 * Whether a login to Identity Center is shared with the AWS CLI (`--sso-cache`, `aws_vault_sso_cache`).
 *
 * A shared login is in the clear where every program finds it, and gives all of its roles. An agent that gets
 * less than anybody of a profile of that login would get the rest from there: for it the login stays in our
 * own store.
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

/** Whose login is shared, and by whom. */
export interface ShareRequest {
  /** The profile whose login it is. */
  readonly profile: Profile;
  /** The profile whose credentials are asked for, where it is another. */
  readonly asked?: Profile | undefined;
  readonly flags: Pick<SignInFlags, "ssoCache">;
  /** Who asks, where it is not this process. */
  readonly agent?: string | undefined;
}

/**
 * `false` where an agent is limited by a profile of that login, else what the flags say. Throws `refused` where
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

/** The setting that limits agents in one of the profiles that the login gives roles of. */
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
