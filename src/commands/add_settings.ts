/** The settings that `add` writes into a key's profile: its region and its MFA device. */

import { partitionOfArn } from "../aws/partitions.ts";
import type { CallerIdentity } from "../aws/sts.ts";
import { setKey } from "../config/edit.ts";
import { editFile, readEditable } from "../config/edit_file.ts";
import { plainSettings } from "../config/plain_settings.ts";
import type { ConfigFile } from "../config/profile.ts";
import { FORMS, isMfaSerial } from "../credentials/entered_key.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import {
  askForMfaSerial,
  askForRegion,
  isRegionOf,
  type KnownDevices,
  proposeRegion,
  REGION_FORM,
} from "./ask_settings.ts";
import type { Invocation } from "./context.ts";
import { withFileLock } from "./file_lock.ts";
import { profileOf, type TypedKey } from "./key_call.ts";

/** The flags of `add` about settings. */
export interface SettingFlags {
  readonly env?: boolean | undefined;
  readonly noAddConfig?: boolean | undefined;
  readonly region?: string | undefined;
  readonly mfaSerial?: string | undefined;
}

type Setting = readonly [key: "mfa_serial" | "region", value: string];

/** Checks the flags for settings before anything is asked: throws `bad-usage`, or the errors of an edit. */
export function checkSettings(invocation: Invocation, flags: SettingFlags, profile: string): void {
  const { region, mfaSerial } = flags;
  if (region !== undefined && !isRegionOf(region)) throw unusable("--region", region, REGION_FORM);
  if (mfaSerial !== undefined && !isMfaSerial(mfaSerial)) {
    throw unusable("--mfa-serial", mfaSerial, FORMS.mfaSerial);
  }
  const given = givenSettings(flags);
  if (given.length === 0) return;
  if (flags.noAddConfig) {
    const words = "give --no-add-config, or --region and --mfa-serial";
    throw new VaultError(
      "bad-usage",
      `Cannot write settings without changing the config file: ${words}`,
    );
  }
  const config = invocation.config();
  if (!config.hasProfile(profile)) return;
  withSettings(readEditable(invocation.host, config.path) ?? "", config.path, profile, given);
}

function unusable(flag: string, value: string, form: string): VaultError {
  return new VaultError("bad-usage", `Cannot understand ${flag} ${quote(value)}`, {
    hints: [form],
  });
}

function givenSettings({ region, mfaSerial }: SettingFlags): Setting[] {
  return [
    ...(mfaSerial === undefined ? [] : [["mfa_serial", mfaSerial] as const]),
    ...(region === undefined ? [] : [["region", region] as const]),
  ];
}

/**
 * Writes the settings from flags into the profile, which is in the config file by now, and asks for the rest
 * if the key was typed; with `--no-add-config` it prints the settings instead of writing them.
 */
export async function configureSettings(
  invocation: Invocation,
  flags: SettingFlags,
  typed: TypedKey,
  caller: CallerIdentity | undefined,
): Promise<void> {
  await write(invocation, flags, typed.profile, givenSettings(flags));
  if (flags.env) return;
  const own = ownSettings(invocation.config(), typed.profile);
  if (flags.mfaSerial === undefined) {
    const serial = await askForMfaSerial(
      invocation,
      await knownDevices(invocation, own, typed, caller),
    );
    if (serial === "unanswered") return;
    if (serial !== undefined && serial !== own.mfaSerial) {
      await write(invocation, flags, typed.profile, [["mfa_serial", serial]]);
    }
  }
  if (flags.region !== undefined || flags.noAddConfig || own.region !== undefined) return;
  const proposed = proposeRegion(profileOf(invocation, typed).region, caller?.arn);
  const region = await askForRegion(invocation, proposed, caller && partitionOfArn(caller.arn));
  if (region !== undefined) await write(invocation, flags, typed.profile, [["region", region]]);
}

/** The profile's MFA device, else those that IAM lists; IAM is called if it accepts the key. */
async function knownDevices(
  invocation: Invocation,
  own: OwnSettings,
  typed: TypedKey,
  caller: CallerIdentity | undefined,
): Promise<KnownDevices> {
  if (own.mfaSerial !== undefined) return { of: "profile", serials: [own.mfaSerial] };
  if (caller === undefined) return { of: "user", serials: [] };
  const { findUserDevices } = await import("./user_devices.ts");
  return { of: "user", serials: await findUserDevices(invocation, typed) };
}

interface OwnSettings {
  readonly region: string | undefined;
  readonly mfaSerial: string | undefined;
}

/** The profile's own settings, without inherited ones. */
function ownSettings(config: ConfigFile, profile: string): OwnSettings {
  return {
    region: plainSetting(config, profile, "region"),
    mfaSerial: plainSetting(config, profile, "mfa_serial"),
  };
}

/** A setting of the profile's own section; `undefined` if it is absent, empty or nested. */
export function plainSetting(config: ConfigFile, profile: string, key: string): string | undefined {
  const section = config.profile(profile);
  const value = section && plainSettings(section).get(key)?.value;
  return typeof value === "string" && value !== "" ? value : undefined;
}

async function write(
  invocation: Invocation,
  { noAddConfig }: SettingFlags,
  profile: string,
  settings: readonly Setting[],
): Promise<void> {
  if (settings.length === 0) return;
  const { host } = invocation;
  const { path } = invocation.config();
  if (noAddConfig) {
    const lines = settings.map(([key, value]) => `${key} = ${value}`).join(", ");
    return host.talk.hint(`Add to profile ${quote(profile)}: ${lines}`);
  }
  await withFileLock(invocation, { path, profile }, () => {
    editFile(host, path, (text, path) => withSettings(text, path, profile, settings));
  });
}

function withSettings(
  text: string,
  path: string,
  name: string,
  settings: readonly Setting[],
): string {
  const section = { kind: "profile", name } as const;
  return settings.reduce((text, [key, value]) => setKey(text, path, section, key, value), text);
}
