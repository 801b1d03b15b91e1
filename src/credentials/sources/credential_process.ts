import type { Profile } from "../../config/profile.ts";
import type { Credentials } from "../../credentials.ts";
import type { Host } from "../../host.ts";
import { quote } from "../../text.ts";
import type { CredentialSource } from "../source.ts";
import type { CredentialProcess } from "./run_credential_process.ts";

const SETTING = "credential_process";

/** A program that prints credentials as JSON (AWS SDKs and Tools reference: "Process credential provider"). */
export const CREDENTIAL_PROCESS: CredentialSource = {
  kind: "credential_process",
  settings: [SETTING],
  helpers: [SETTING],
  canShowMfa: true,
  takesRole: false,
  async matches(profile, { host }) {
    const command = commandOf(profile);
    if (command === undefined) return false;
    return !await isForSdks(profile.name, command, host.platform);
  },
  async whyNot(profile, { host }) {
    const command = commandOf(profile);
    if (command === undefined || !await isForSdks(profile.name, command, host.platform)) return;
    return `its ${SETTING} refers back to itself: it runs aws-vault for the same profile`;
  },
  describe: ({ name }) => `the credential_process of profile ${quote(name)}`,
  open: ({ host }, profile) => {
    const command = commandOf(profile)!;
    let printed: Promise<Credentials> | undefined;
    const run = () => printed ??= runOnce(host, { profile: profile.name, command });
    return {
      fingerprint: async () => {
        // The output of aws-vault depends on another profile's settings and key, so it is run to
        // see whose credentials it gives, and caches them itself: a row here would still serve them
        // after that key was removed or that role changed.
        const { runsThisProgram } = await import("./run_credential_process.ts");
        if (runsThisProgram(command, host.platform)) {
          return { accessKeyId: (await run()).accessKeyId };
        }
        const { commandFingerprint } = await import("./command_fingerprint.ts");
        return commandFingerprint(host, { profile, setting: SETTING, command });
      },
      obtain: run,
    };
  },
};

function commandOf({ sourceSettings }: Profile): string | undefined {
  return sourceSettings[SETTING];
}

/** A line that runs this program for the same profile does not show where the credentials come from. */
async function isForSdks(
  profile: string,
  command: string,
  platform: Pick<Host["platform"], "os" | "executable">,
): Promise<boolean> {
  const { isOwnCommand } = await import("./run_credential_process.ts");
  return isOwnCommand({ profile, command }, platform);
}

async function runOnce(host: Host, process: CredentialProcess): Promise<Credentials> {
  const { runCredentialProcess } = await import("./run_credential_process.ts");
  return await runCredentialProcess(host, process);
}
