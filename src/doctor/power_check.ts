import type { Profile } from "../config/profile.ts";
import { allowsAgents } from "../credentials/guard.ts";
import { VaultError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { Env } from "../host.ts";
import { quote } from "../text.ts";

/**
 * A profile whose role has an administrator's name, and which any program of the person can use unnoticed:
 * no MFA device is shown, nobody is asked, coding agents are allowed, and nothing limits the credentials.
 *
 * Reported as a note: without AWS, only the name of a role is known.
 */
export function examinePower(
  profile: Profile,
  sourceMfaSerial: string | undefined,
  env: Env,
): Finding[] {
  const { name, guards, mfaSerial = sourceMfaSerial } = profile;
  const role = roleName(profile);
  if (role === undefined || !/admin/i.test(role) || !allowsAgents(guards, env)) return [];
  const isNarrowed = guards?.policy !== undefined || guards?.policyArns !== undefined;
  if (isNarrowed || guards?.confirm || mfaSerial) return [];
  return [{
    id: "profile-powerful",
    severity: "note",
    subject: name,
    message:
      `Profile ${quote(name)} gives the role ${
        quote(role)
      } to every program, including coding agents, ` +
      "without MFA and without asking",
    todo: "Write aws_vault_confirm = 15m, aws_vault_agents = read-only or an mfa_serial into it",
  }];
}

function roleName({ roleArn, sso }: Profile): string | undefined {
  if (roleArn !== undefined) return /:role\/(?:.*\/)?([^/]+)$/.exec(roleArn)?.[1];
  return sso instanceof VaultError ? undefined : sso?.roleName;
}
