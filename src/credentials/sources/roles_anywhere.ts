import type { Profile } from "../../config/profile.ts";
import { VaultError } from "../../errors.ts";
import { quote } from "../../text.ts";
import { certificateFiles, FILE_SETTINGS } from "../certificates/certificate_settings.ts";
import { sourceRoleSeconds } from "../plan_limits.ts";
import { certificateName } from "../key_names.ts";
import type { CredentialSource, ObtainDeps } from "../source.ts";

const ANCHOR = "rolesanywhere_trust_anchor_arn";
const PROFILE = "rolesanywhere_profile_arn";

/** A role obtained with a certificate (IAM Roles Anywhere User Guide, "CreateSession API"). */
export const ROLES_ANYWHERE: CredentialSource = {
  kind: "rolesanywhere.CreateSession",
  settings: [ANCHOR, PROFILE, ...Object.values(FILE_SETTINGS)],
  canShowMfa: false,
  takesRole: true,
  matches: ({ sourceSettings }) =>
    ROLES_ANYWHERE.settings.some((name) => sourceSettings[name] !== undefined),
  check(profile) {
    const { sourceSettings, roleArn } = profile;
    const bad = (why: string, hint: string) => {
      throw new VaultError(
        "bad-config",
        `Cannot get credentials for profile ${quote(profile.name)}: ${why}`,
        { hints: [hint] },
      );
    };
    for (const [setting, kind] of [[ANCHOR, "trust-anchor"], [PROFILE, "profile"]] as const) {
      const arn = sourceSettings[setting];
      const example = `arn:aws:rolesanywhere:REGION:ACCOUNT:${kind}/ID`;
      if (arn === undefined) bad(`it has no ${setting}`, `Set it to ${example}`);
      else if (!isArnOf(arn, kind)) bad(`${setting} = ${arn} is not its ARN`, `Write ${example}`);
    }
    if (roleArn === undefined) {
      bad("it has no role_arn", "Set role_arn to the role that the certificate is exchanged for");
    }
    const key = sourceSettings[FILE_SETTINGS.privateKey] ?? sourceSettings[FILE_SETTINGS.chain];
    if (key !== undefined && sourceSettings[FILE_SETTINGS.certificate] === undefined) {
      bad(
        `it has no ${FILE_SETTINGS.certificate} for the file ${quote(key)}`,
        "Also name the file of the certificate",
      );
    }
  },
  describe: ({ name, roleArn, sourceSettings }) => {
    const file = sourceSettings[FILE_SETTINGS.certificate];
    const which = file === undefined
      ? `the certificate stored for profile ${quote(name)}`
      : `the certificate ${quote(file)}`;
    return `${which}, which CreateSession of Roles Anywhere exchanges for role ${roleArn ?? ""}`;
  },
  // A file may need a passphrase, which is known only when it is read.
  asksNobody: ({ sourceSettings }) => sourceSettings[FILE_SETTINGS.certificate] === undefined,
  durationSeconds: ({ roleDurationSeconds }) => sourceRoleSeconds(roleDurationSeconds),
  async open(deps, profile) {
    const { openRolesAnywhere } = await import("./open_roles_anywhere.ts");
    return openRolesAnywhere(deps, profile, anchorOf(profile));
  },
  async end(deps, profile) {
    const { findExpiry } = await import("../certificates/find_expiry.ts");
    const files = certificateFiles(profile, deps.host.platform);
    const at = await findExpiry(deps, profile.name, files) ?? await keptEnd(deps, profile);
    return at && { what: "certificate", at };
  },
};

/** The certificate's end as last recorded, for a certificate that cannot be opened here. */
async function keptEnd(deps: Pick<ObtainDeps, "host" | "cache">, profile: Profile) {
  const { identifyCertificate } = await import("../certificates/identify.ts");
  const cache = await deps.cache();
  return cache.findEnd(certificateName(profile.name), await identifyCertificate(deps, profile));
}

function anchorOf({ sourceSettings }: Profile) {
  const trustAnchorArn = sourceSettings[ANCHOR]!;
  return {
    trustAnchorArn,
    profileArn: sourceSettings[PROFILE]!,
    // Signed for the region of the trust anchor, where the service keeps it.
    region: trustAnchorArn.split(":")[3]!,
  };
}

function isArnOf(arn: string, kind: string): boolean {
  const [start, , service, region = "", account = "", name = ""] = arn.split(":");
  return start === "arn" && service === "rolesanywhere" && /^[a-z0-9-]+$/.test(region) &&
    /^\d{12}$/.test(account) && name.startsWith(`${kind}/`) && /^[\x21-\x7e]+$/.test(arn);
}
