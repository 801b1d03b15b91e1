/** Two consecutive codes of a device, for IAM. */

import type { CodePair } from "../aws/iam_mfa.ts";
import { WINDOW_MS } from "../credentials/totp.ts";
import { nextPair } from "../credentials/stored_totp.ts";
import { AwsError, VaultError } from "../errors.ts";
import { askUntilValid } from "../prompt/ask_until_valid.ts";
import { parseMfaCode } from "../prompt/mfa_prompt.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import type { Invocation } from "./context.ts";

/** How often to ask for two codes while AWS refuses them. */
const TRIES = 3;

const FORM = "An MFA code needs six digits";

/** The user and the device whose codes are needed. */
export interface PairRequest {
  readonly userName: string;
  readonly serial: string;
  /** The seed, if codes can be computed; else a person is asked. */
  readonly seed: Secret | undefined;
}

/**
 * Passes two codes from the seed or a person to a call; a person is asked again if AWS does not
 * accept them. Throws `needs-person` if nobody can be asked.
 */
export async function withCodePair(
  invocation: Invocation,
  request: PairRequest,
  call: (pair: CodePair) => Promise<void>,
): Promise<void> {
  const { userName, serial: serialNumber, seed } = request;
  if (seed !== undefined) {
    return await call({
      userName,
      serialNumber,
      ...await nextPair(invocation, serialNumber, seed),
    });
  }
  for (let left = TRIES - 1;; left--) {
    const pair = await askForPair(invocation, serialNumber);
    try {
      return await call({ userName, serialNumber, ...pair });
    } catch (error) {
      if (left === 0 || !isWrongPair(error)) throw error;
      invocation.host.talk.warn(
        `AWS did not accept these codes of ${
          quote(serialNumber)
        }: give two codes that the device shows ` +
          "one after the other, and check that its clock is right",
      );
    }
  }
}

/** Whether AWS refused the codes themselves. */
function isWrongPair(error: unknown): error is AwsError {
  return error instanceof AwsError && error.awsCode.startsWith("InvalidAuthenticationCode");
}

async function askForPair({ host, mayPrompt }: Invocation, serial: string) {
  if (!mayPrompt || !await host.terminal.isAvailable()) {
    const message = `Cannot ask for codes of MFA device ${quote(serial)}: there is no terminal`;
    throw new VaultError("needs-person", message, { hints: ["Run it at a terminal"] });
  }
  const isCode = (text: string) => parseMfaCode(new Secret(text)) !== undefined;
  const code = async (question: string, form: string, isValid = isCode) =>
    parseMfaCode(new Secret(await askUntilValid(host, { question, form, isValid })))!;
  const first = await code(`Enter MFA code for ${serial}: `, FORM);
  const second = await code(
    `Enter the next code, once it changes (up to ${WINDOW_MS / 1000} s): `,
    `${FORM}, and differs from the one before`,
    (text) => isCode(text) && parseMfaCode(new Secret(text))!.reveal() !== first.reveal(),
  );
  return { first, second };
}
