import { addProfile, editFile } from "../config/edit_file.ts";
import { setKey } from "../config/edit.ts";
import { settingsOf } from "../config/inherit.ts";
import { plainSettings } from "../config/plain_settings.ts";
import { sourceSettings } from "../credentials/source.ts";
import { VaultError } from "../errors.ts";
import { counted, quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { withFileLock } from "./file_lock.ts";

/**
 * Writes the MFA device into the profile of a key, and keeps every other byte of the file. Throws the file's
 * errors, with the line to add by hand.
 */
export async function configureDevice(
  invocation: Invocation,
  name: string,
  serial: string,
): Promise<void> {
  const config = invocation.config();
  noteDeviceBefore(invocation, name, serial);
  const section = { kind: "profile", name } as const;
  try {
    await withFileLock(invocation, { path: config.path, profile: name }, () => {
      if (!config.hasProfile(name)) {
        return addProfile(invocation.host, config, name, [["mfa_serial", serial]]);
      }
      const { host } = invocation;
      editFile(
        host,
        config.path,
        (text, path) => setKey(text, path, section, "mfa_serial", serial),
      );
    });
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new VaultError(error.code, error.message, {
      hints: [`Add to profile ${quote(name)}: mfa_serial = ${serial}`, ...error.hints],
      cause: error,
    });
  }
  invocation.host.talk.say(`Wrote mfa_serial into profile ${quote(name)} of ${quote(config.path)}`);
  hintAtRoles(invocation, name);
}

function noteDeviceBefore({ config, host }: Invocation, name: string, serial: string): void {
  const section = config().profile(name);
  const before = section && plainSettings(section).get("mfa_serial")?.value;
  if (typeof before !== "string" || before === serial || before === "") return;
  host.talk.note(`Profile ${quote(name)} used MFA device ${quote(before)} before`);
}

/** Roles that start from the key use the device only if their profiles name it too. */
function hintAtRoles({ config, sources, host }: Invocation, name: string): void {
  const all = config();
  const own = sourceSettings(sources);
  const roles = all.profileNames().filter((profile) => {
    const section = all.profile(profile);
    const source = section && plainSettings(section).get("source_profile")?.value;
    return source === name && profile !== name &&
      settingsOf(all, profile, own).get("mfa_serial") === undefined;
  });
  if (roles.length === 0) return;
  host.talk.hint(
    `${counted(roles.length, "role")} from it may need MFA, too: add the same mfa_serial to ${
      roles.slice(0, 3).map(quote).join(", ")
    }${roles.length > 3 ? " and the others" : ""}`,
  );
}
