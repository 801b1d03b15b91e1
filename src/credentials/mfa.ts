import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { isExternal, type OwnDriver, type PromptDriver } from "../prompt/driver_names.ts";
import { findUnaskedDriver, obtainCodeFrom } from "../prompt/external.ts";
import { askMfaCode, type MfaCode, type MfaQuestion, parseMfaCode } from "../prompt/mfa_prompt.ts";
import { Secret } from "../secret.ts";
import { PROMPTS_OFF } from "../sign_in.ts";
import { quote } from "../text.ts";
import { helperFailure, runHelper } from "./run_helper.ts";
import { noStoredSeed, type StoredCodes } from "./stored_totp.ts";

/** SDKs give up on a `credential_process` after 60 s, ours included. */
const MFA_PROCESS_TIMEOUT_MS = 55_000;

type MfaDeps = Pick<Host, "env" | "platform" | "programs" | "terminal">;

/** A request for a code, and its possible origins. */
export interface MfaRequest extends MfaQuestion {
  /** The value of `--mfa-token`. */
  readonly token?: string | undefined;
  /** The profile's `mfa_process`. */
  readonly mfaProcess?: string | undefined;
  /** The device's stored seed, if there may be one. */
  readonly stored?: StoredCodes | undefined;
  /**
   * Where the code comes from; by default the stored seed, else the terminal, else a window if
   * available.
   */
  readonly driver?: PromptDriver | undefined;
  /** Whether a person may be asked at all. */
  readonly mayPrompt: boolean;
  /** Why not, if not because of `--no-prompt`. */
  readonly whyUnasked?: string | undefined;
}

/**
 * Gets the code of an MFA device: from `--mfa-token`, else `mfa_process`, else a stored seed, else a person.
 *
 * Throws `needs-person` at once if nobody can be asked: an invisible prompt looks like a program that hangs
 * (https://github.com/99designs/aws-vault/issues/1015).
 */
export async function obtainMfaCode(
  deps: MfaDeps,
  request: MfaRequest,
): Promise<MfaCode> {
  const { token, mfaProcess, mayPrompt } = request;
  if (token !== undefined) return { code: givenCode(token), mayRepeat: false };
  if (mfaProcess !== undefined) {
    return { code: await processCode(deps, request, mfaProcess), mayRepeat: false };
  }
  const driver = await findMfaDriver(deps, request);
  if (!mayPrompt && mayAsk(driver)) {
    throw needsPerson(request, request.whyUnasked ?? PROMPTS_OFF, []);
  }
  if (driver === undefined) throw noTerminal(deps, request);
  return isExternal(driver)
    ? await obtainCodeFrom(deps, driver, request)
    : await OWN_WAYS[driver].obtain(deps, request);
}

/** A way to get a code without another program. */
interface OwnWay {
  readonly asksPerson: boolean;
  /** For `explain`: completes the sentence `A code of … is needed: …`. */
  readonly description: string;
  obtain(deps: MfaDeps, request: MfaRequest): Promise<MfaCode>;
}

const OWN_WAYS: Readonly<Record<OwnDriver, OwnWay>> = {
  terminal: {
    asksPerson: true,
    description: "a person is asked at the terminal",
    async obtain(deps, request) {
      if (!await deps.terminal.isAvailable()) throw noTerminal(deps, request);
      return { code: await askMfaCode(deps, request), mayRepeat: true };
    },
  },
  totp: {
    asksPerson: false,
    description: "the stored seed gives it, and nobody is asked",
    async obtain(_, { stored, serial }) {
      if (stored === undefined) throw noStoredSeed(serial);
      return { code: await stored.next(), mayRepeat: true };
    },
  },
};

/** Whether a person may be asked this way, as far as is known. */
export function mayAsk(driver: PromptDriver | undefined): boolean {
  return driver === undefined || isExternal(driver) || OWN_WAYS[driver].asksPerson;
}

/** Where the code comes from, for `explain`: completes the sentence `A code of … is needed: …`. */
export function describeDriver(driver: PromptDriver): string {
  return isExternal(driver) ? `${driver} is asked for it` : OWN_WAYS[driver].description;
}

/**
 * Finds where the code comes from: the given driver, else a stored seed, else the terminal, else a
 * window of the desktop; `undefined` if nobody can be asked.
 */
export async function findMfaDriver(
  deps: MfaDeps,
  { driver, stored }: Pick<MfaRequest, "driver" | "stored">,
): Promise<PromptDriver | undefined> {
  if (driver !== undefined) return driver;
  if (await stored?.isStored()) return "totp";
  return await deps.terminal.isAvailable() ? "terminal" : findUnaskedDriver(deps);
}

/** Suggests another way to ask if there is one: `--prompt=terminal` does not look for it. */
function noTerminal(deps: Omit<MfaDeps, "terminal">, request: MfaRequest): VaultError {
  const why = "there is no terminal, or this is a background job";
  const other = findUnaskedDriver(deps);
  return needsPerson(request, why, other ? [`Choose another way to ask: --prompt=${other}`] : []);
}

function givenCode(token: string): Secret {
  const code = parseMfaCode(new Secret(token));
  if (code) return code;
  throw new VaultError("bad-usage", "Cannot use the value of --mfa-token: it needs six digits");
}

async function processCode(
  deps: MfaDeps,
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
