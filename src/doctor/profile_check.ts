import { readCaBundle } from "../aws/ca_bundle.ts";
import { type Partition, PARTITIONS } from "../aws/partitions.ts";
import { withoutOuterExec } from "../config/outer_exec.ts";
import type { ConfigFile, Profile } from "../config/profile.ts";
import { planForProfile } from "../credentials/profile_plan.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import { sourceSettings } from "../credentials/source.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { Finding, Severity } from "../finding.ts";
import { quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";
import { ProfileChains, type Sources } from "./profile_chains.ts";
import { examineHelpers } from "./helper_check.ts";
import { examinePower } from "./power_check.ts";

/** Each profile with its source: whether it can lead to credentials, and how far they reach. */
export const PROFILES: Check = {
  id: "profiles",
  subject: "profiles",
  steps: [async (scene) => {
    const config = readable(scene);
    if (config === undefined) return [];
    const names = scene.profile === undefined ? config.profileNames() : [scene.profile];
    const chains = openChains(scene, config);
    const findings: Finding[] = [];
    for (const name of names) findings.push(...await examineProfile(scene, chains, name));
    return findings;
  }],
};

/** The config file, unless it is unreadable, which its own check reports. */
function readable({ config }: Scene): ConfigFile | undefined {
  try {
    return config();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

/** Resolves chains as a command does that is started here. */
function openChains({ host, sources }: Scene, config: ConfigFile): ProfileChains {
  const own = sourceSettings(sources);
  const env = withoutOuterExec(host.env, config, own);
  return new ProfileChains(config, { env, flags: {}, sourceSettings: own });
}

async function examineProfile(
  scene: Scene,
  chains: ProfileChains,
  name: string,
): Promise<readonly Finding[]> {
  const config = scene.config();
  try {
    const profile = chains.profile(name);
    const sources = chains.sources(profile);
    profileEndpoint("sts", profile);
    const roleFindings = examineRole(profile, sources);
    // The plan fails because of the same ARN.
    const isPlanned = roleFindings.every(({ severity }) => severity !== "error");
    return [
      ...missingNames(config, name),
      ...roleFindings,
      ...examinePower(profile, sources?.mfaSerial, scene.host.env),
      ...examineRegion(profile),
      ...examineCertificates(scene, profile),
      ...examineHelpers(scene, config, name),
      ...isPlanned ? await findSourceTrouble(scene, chains, profile) : [],
    ];
  } catch (error) {
    if (!hasCode(error, "bad-config", "bad-usage")) throw error;
    return [finding("profile-invalid", "error", name, error.message, error.hints[0])];
  }
}

/** Missing sections that the profile names. */
function missingNames(config: ConfigFile, name: string): Finding[] {
  const settings = config.profile(name)?.settings;
  const sections = [
    { key: "include_profile", id: "include-missing", has: (to: string) => config.hasProfile(to) },
    { key: "parent_profile", id: "include-missing", has: (to: string) => config.hasProfile(to) },
    { key: "sso_session", id: "sso-session-missing", has: (to: string) => !!config.ssoSession(to) },
  ];
  return sections.flatMap(({ key, id, has }) => {
    const to = settings?.get(key)?.value;
    if (typeof to !== "string" || to === "" || has(to)) return [];
    const kind = key === "sso_session" ? "sso-session" : "profile";
    const message = `Profile ${quote(name)} names ${quote(to)} (${key}), which does not exist`;
    return [finding(id, "error", name, message, `Add [${kind} ${to}], or correct the name`)];
  });
}

const ROLE_ARN = /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const DEVICE_ARN = /^arn:[\w-]+:iam::\d{12}:(mfa|sms-mfa)\/.+$/;
const HOUR = 3600;

function examineRole(profile: Profile, sources: Sources | undefined): Finding[] {
  const { name, roleArn, mfaSerial, roleDurationSeconds = 0 } = profile;
  const findings: Finding[] = [];
  if (roleArn !== undefined && !ROLE_ARN.test(roleArn)) {
    const message = `Profile ${quote(name)}: ${quote(roleArn)} is not the ARN of a role`;
    const todo = "Write role_arn as arn:aws:iam::111122223333:role/NAME";
    findings.push(finding("role-arn", "error", name, message, todo));
  }
  // Hardware devices have a plain serial number instead of an ARN.
  if (mfaSerial?.includes(":") && !DEVICE_ARN.test(mfaSerial)) {
    const message = `Profile ${quote(name)}: ${quote(mfaSerial)} is not the ARN of an MFA device`;
    const todo = "Write mfa_serial as arn:aws:iam::111122223333:mfa/NAME";
    findings.push(finding("mfa-serial", "warning", name, message, todo));
  }
  const device = sources?.mfaSerial;
  if (roleArn !== undefined && mfaSerial === undefined && device !== undefined) {
    const message = `Profile ${quote(name)} has no mfa_serial, although the profile that it ` +
      "starts from has one: other programs do not ask for a code";
    const todo = `Write mfa_serial = ${device} if the role requires MFA`;
    findings.push(finding("mfa-missing", "note", name, message, todo));
  }
  if (roleDurationSeconds > HOUR && sources?.role !== undefined) {
    const message =
      `Profile ${quote(name)} asks for ${roleDurationSeconds} s, and is assumed from ` +
      "another role: AWS limits such a role to one hour";
    findings.push(finding("role-chain-duration", "warning", name, message, REMOVE_DURATION));
  }
  return findings;
}

const REMOVE_DURATION = "Remove duration_seconds from the profile";

function examineRegion({ name, region }: Profile): Finding[] {
  if (region === undefined || region === "aws-global" || isKnown(region)) return [];
  const message = `Profile ${quote(name)}: ${quote(region)} does not look like an AWS region`;
  return [finding("region-unknown", "warning", name, message, "Regions look like us-east-1")];
}

function isKnown(region: string): boolean {
  return PARTITIONS.some(({ regionPattern }: Partition) => regionPattern.test(region));
}

function examineCertificates({ host }: Scene, { name, caBundle }: Profile): Finding[] {
  if (caBundle === undefined) return [];
  try {
    readCaBundle(host, caBundle);
    return [];
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return [finding("ca-bundle", "error", name, error.message, error.hints[0])];
  }
}

/** Why the plan for a profile fails; it is made without a call and without a secret. */
async function findSourceTrouble(
  scene: Scene,
  chains: ProfileChains,
  profile: Profile,
): Promise<Finding[]> {
  const { host, sources, quietKeyring: keyring } = scene;
  const hasKey = async (name: string) => (await keyring()).has(name);
  const resolve = () => chains.shortChain(profile.name, sources, { host, hasKey });
  try {
    await planForProfile({ ...scene, keyring, resolve }, { use: "shown" }, profile.name);
    return [];
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return explainTrouble(profile.name, error, isMeant(scene, profile));
  }
}

/** Whether credentials are expected: a profile may exist only for its region. */
function isMeant(scene: Scene, { roleArn, sourceProfile }: Profile): boolean {
  return sourceProfile !== undefined || roleArn !== undefined || scene.profile !== undefined;
}

/** The keystore's own check reports its faults. */
function explainTrouble(name: string, error: VaultError, isMeant: boolean): Finding[] {
  const { code, message, hints } = error;
  if (code === "no-credentials" || code === "no-profile") {
    return isMeant ? [finding("no-credentials", "warning", name, message, hints[0])] : [];
  }
  const isInvalid = ["bad-config", "bad-usage", "unsupported"].includes(code);
  return isInvalid ? [finding("source-invalid", "error", name, message, hints[0])] : [];
}

function finding(
  id: string,
  severity: Severity,
  subject: string,
  message: string,
  todo = "Correct what the message names",
): Finding {
  return { id, severity, subject, message, todo };
}
