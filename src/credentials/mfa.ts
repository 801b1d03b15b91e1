import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { PromptDriver } from "../prompt/external.ts";
import { askMfaCode, type MfaCode, type MfaQuestion, parseMfaCode } from "../prompt/mfa_prompt.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import { helperFailure, runHelper } from "./run_helper.ts";

/** SDKs give up on a `credential_process` after 60 s, ours included. */
const MFA_PROCESS_TIMEOUT_MS = 55_000;

/** A code that is wanted, and where it may come from. */
export interface MfaRequest extends MfaQuestion {
  /** The value of `--mfa-token`. */
  readonly token?: string | undefined;
  /** The profile's `mfa_process`. */
  readonly mfaProcess?: string | undefined;
  /** By what a person is asked; by default the terminal, else a window where there is one. */
  readonly driver?: PromptDriver | undefined;
  /** Whether a person may be asked at all. */
  readonly mayPrompt: boolean;
}

/**
 * Gets the code of an MFA device: from `--mfa-token`, else `mfa_process`, else a person.
 *
 * Throws `needs-person` at once where nobody can be asked: a prompt that nobody sees looks like a
 * program that hangs (https://github.com/99designs/aws-vault/issues/1015).
 */
export async function obtainMfaCode(
  deps: Pick<Host, "env" | "platform" | "programs" | "terminal">,
  request: MfaRequest,
): Promise<MfaCode> {
  const { token, mfaProcess, mayPrompt } = request;
  if (token !== undefined) return { code: givenCode(token), wasTyped: false };
  if (mfaProcess !== undefined) {
    return { code: await processCode(deps, request, mfaProcess), wasTyped: false };
  }
  if (!mayPrompt) throw needsPerson(request, "prompts are turned off (--no-prompt)", []);
  const driver = await findMfaDriver(deps, request.driver);
  if (driver === undefined) throw await noTerminal(deps, request);
  if (driver !== "terminal") {
    const { obtainCodeFrom } = await import("../prompt/external.ts");
    return await obtainCodeFrom(deps, driver, request);
  }
  if (!await deps.terminal.isAvailable()) throw await noTerminal(deps, request);
  return { code: await askMfaCode(deps, request), wasTyped: true };
}

/**
 * By what a person is asked: as it was named, else the terminal, else a window of the desktop;
 * `undefined` where nobody can be asked.
 */
export async function findMfaDriver(
  deps: Pick<Host, "env" | "platform" | "programs" | "terminal">,
  named: PromptDriver | undefined,
): Promise<PromptDriver | undefined> {
  if (named !== undefined) return named;
  if (await deps.terminal.isAvailable()) return "terminal";
  const { findUnaskedDriver } = await import("../prompt/external.ts");
  return findUnaskedDriver(deps);
}

/** Another way to ask is named where there is one: with `--prompt=terminal` none is looked for. */
async function noTerminal(
  deps: Pick<Host, "env" | "platform" | "programs">,
  request: MfaRequest,
): Promise<VaultError> {
  const why = "there is no terminal, or this is a background job of it";
  const { findUnaskedDriver } = await import("../prompt/external.ts");
  const other = findUnaskedDriver(deps);
  return needsPerson(request, why, other ? [`Choose another way to ask: --prompt=${other}`] : []);
}

function givenCode(token: string): Secret {
  const code = parseMfaCode(new Secret(token));
  if (code) return code;
  throw new VaultError("bad-usage", "Cannot use the value of --mfa-token: it needs six digits");
}

async function processCode(
  deps: Pick<Host, "env" | "platform" | "programs" | "terminal">,
  { profile, timeoutMs = MFA_PROCESS_TIMEOUT_MS }: MfaRequest,
  command: string,
): Promise<Secret> {
  const helper = { profile, setting: "mfa_process", command, timeoutMs } as const;
  const code = parseMfaCode(new Secret(await runHelper(deps, helper)));
  if (code) return code;
  throw helperFailure(helper, "its output is not a code of six digits");
}

function needsPerson(
  { serial, profile }: MfaRequest,
  why: string,
  more: readonly string[],
): VaultError {
  const message = `Cannot ask for the MFA code of ${quote(serial)} (profile ${quote(profile)}): `;
  return new VaultError("needs-person", message + why, {
    hints: [
      "Give the code with --mfa-token, or set mfa_process in the profile to a program that prints it",
      ...more,
    ],
  });
}
