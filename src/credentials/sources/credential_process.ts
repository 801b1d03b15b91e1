import type { Profile } from "../../config/profile.ts";
import { quote } from "../../text.ts";
import type { CredentialSource } from "../source.ts";

const SETTING = "credential_process";

/** A program that prints credentials as JSON (AWS SDKs and Tools reference: "Process credential provider"). */
export const CREDENTIAL_PROCESS: CredentialSource = {
  kind: "credential_process",
  settings: [SETTING],
  canShowMfa: true,
  takesRole: false,
  async matches(profile, { platform }) {
    const command = commandOf(profile);
    if (command === undefined) return false;
    // A line that runs this program for the same profile is for SDKs, and says nothing about where the
    // credentials come from.
    const { isOwnCommand } = await import("./run_credential_process.ts");
    return !isOwnCommand({ profile: profile.name, command }, platform);
  },
  describe: ({ name }) => `the credential_process of profile ${quote(name)}`,
  open: ({ host }, profile) => {
    const command = commandOf(profile)!;
    return {
      fingerprint: async () => {
        const { commandFingerprint } = await import("./command_fingerprint.ts");
        return commandFingerprint(host, { profile, setting: SETTING, command });
      },
      obtain: async () => {
        const { runCredentialProcess } = await import("./run_credential_process.ts");
        return await runCredentialProcess(host, { profile: profile.name, command });
      },
    };
  },
};

function commandOf({ sourceSettings }: Profile): string | undefined {
  return sourceSettings[SETTING];
}
