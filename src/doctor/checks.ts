import { hasCode, VaultError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { Check, Scene, Step } from "./check.ts";
import { CONFIG_FILE } from "./config_file_check.ts";
import { CREDENTIALS_FILE } from "./credentials_file_check.ts";
import { ENDPOINTS } from "./endpoint_check.ts";
import { ENVIRONMENT } from "./environment_check.ts";
import { KEYS } from "./key_check.ts";
import { KEYSTORE } from "./keystore_check.ts";
import { PROFILES } from "./profile_check.ts";
import { PROGRAM } from "./program_check.ts";
import { SESSION_CACHE } from "./session_cache_check.ts";
import { STATE_FOLDER } from "./state_folder_check.ts";

/** The checks of `doctor`, in the order of its report. */
const CHECKS: readonly Check[] = [
  KEYSTORE,
  KEYS,
  STATE_FOLDER,
  SESSION_CACHE,
  CONFIG_FILE,
  CREDENTIALS_FILE,
  PROFILES,
  ENVIRONMENT,
  PROGRAM,
  ENDPOINTS,
];

/** Runs every check in sequence: two at once would wait for the same keystore or database. */
export async function examine(scene: Scene): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    for (const step of check.steps) findings.push(...await runStep(check, step, scene));
  }
  return withoutRepeats(findings);
}

/** Two files in one folder, or two checks with the same cause, give one finding. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const byMessage = new Map(findings.toReversed().map((finding) => [finding.message, finding]));
  return findings.filter((finding) => byMessage.get(finding.message) === finding);
}

async function runStep(check: Check, step: Step, scene: Scene): Promise<readonly Finding[]> {
  try {
    return await step(scene);
  } catch (error) {
    if (!(error instanceof VaultError) || hasCode(error, "interrupted", "internal")) throw error;
    return [failedCheck(check, error)];
  }
}

/** A locked keystore is not a fault: it is unlocked when needed. */
function failedCheck({ id, subject }: Check, error: VaultError): Finding {
  const isLocked = hasCode(error, "keyring-locked", "needs-person");
  return {
    id: isLocked ? "keystore-locked" : id,
    severity: isLocked ? "note" : "error",
    subject,
    message: error.message,
    todo: error.hints[0] ?? "Fix what the message names, then run this again",
  };
}
