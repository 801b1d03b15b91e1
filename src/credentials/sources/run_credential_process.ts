import type { Credentials } from "../../credentials.ts";
import { VaultError } from "../../errors.ts";
import type { Host, Platform } from "../../host.ts";
import { quote } from "../../text.ts";
import { isForShell, roughWords } from "../helper_line.ts";
import { runHelper } from "../run_helper.ts";
import { parseProcessOutput } from "./process_output.ts";

/** The time limit of the SDK for Go, which these programs are made for. */
const TIMEOUT_MS = 60_000;

/** The `credential_process` of a profile. */
export interface CredentialProcess {
  readonly profile: string;
  readonly command: string;
  readonly timeoutMs?: number | undefined;
}

/**
 * Runs a `credential_process` and returns the credentials that it printed (docs/formats.md,
 * "credential_process").
 *
 * One that runs this program for the same profile is refused before it starts, like any helper that
 * leads back to itself (`helper_chain.ts`). Throws `bad-config` for these, `helper-failed` for a
 * program that fails or an invalid output.
 */
export async function runCredentialProcess(
  deps: Pick<Host, "env" | "platform" | "programs" | "terminal" | "clock">,
  { profile, command, timeoutMs = TIMEOUT_MS }: CredentialProcess,
): Promise<Credentials> {
  if (isOwnCommand({ profile, command }, deps.platform)) {
    throw loop(profile, "it runs aws-vault for the same profile");
  }
  const helper = { profile, setting: "credential_process", command, timeoutMs } as const;
  return parseProcessOutput(await runHelper(deps, helper), profile, deps.clock.now());
}

/**
 * Whether a `credential_process` is a line for SDKs that leads back here, such as
 * `aws-vault export --format=json work` in the profile `work`: it does not show where the
 * credentials come from.
 */
export function isOwnCommand(
  { profile, command }: CredentialProcess,
  { os, executable }: Pick<Platform, "os" | "executable">,
): boolean {
  const words = roughWords(command, os);
  const isOurs = (word: string) =>
    word === executable || /(?:^|[\\/])aws-vault(?:\.exe)?$/i.test(word);
  // In a line for the shell it may follow a variable or another program.
  const at = isForShell(command, os) ? words.findIndex(isOurs) : isOurs(words[0] ?? "") ? 0 : -1;
  if (at < 0) return false;
  const behind = words.slice(at + 1);
  const end = behind.findIndex((word) => /^(?:--|[|;&]+)$/.test(word));
  const ownArgs = end < 0 ? behind : behind.slice(0, end);
  return ownArgs.includes(profile) && ownArgs.some((word) => word === "export" || word === "exec");
}

/** Whether a command line runs this program, directly or through a shell. */
export function runsThisProgram(
  command: string,
  { os, executable }: Pick<Platform, "os" | "executable">,
): boolean {
  const words = [command, ...roughWords(command, os)];
  const inWord = /(?:^|[\\/\s;&|("'`])aws-vault(?:\.exe)?(?=$|[\s;&|)"'`])/i;
  return words.some((word) => word === executable || inWord.test(word));
}

function loop(profile: string, why: string): VaultError {
  const message = `Cannot run the credential_process of profile ${quote(profile)}: ${why}`;
  return new VaultError("bad-config", message, {
    hints: ["In the profile that SDKs use, name another profile, which has the role or the key"],
  });
}
