import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { Secret } from "../secret.ts";
import { escapeControls, quote } from "../text.ts";

/** The device that shows the code, and the profile that needs it. */
export interface MfaQuestion {
  readonly serial: string;
  readonly profile: string;
  readonly timeoutMs?: number | undefined;
}

/** A code, and whether to ask for another if AWS refuses it: a person may have mistyped it. */
export interface MfaCode {
  readonly code: Secret;
  readonly mayRepeat: boolean;
}

/** `Enter MFA code for arn:aws:iam::123456789012:mfa/me: `, exactly as in aws-vault 7: scripts wait for it. */
export function renderMfaQuestion({ serial }: Pick<MfaQuestion, "serial">): string {
  return escapeControls(`Enter MFA code for ${serial}: `);
}

/** What else helps the person to answer: the profile that needs the code. */
export function renderMfaReason({ profile }: Pick<MfaQuestion, "profile">): string {
  return escapeControls(`Profile ${quote(profile)} needs a code of its MFA device`);
}

/**
 * The code in a person's or program's answer, or `undefined` if it is not a code: six digits (the
 * pattern of STS's `TokenCode`), also with white space around or between them, as apps show it.
 */
export function parseMfaCode(text: Secret): Secret | undefined {
  const digits = text.reveal().replace(/\s/g, "");
  return /^[0-9]{6}$/.test(digits) ? new Secret(digits) : undefined;
}

/**
 * Asks for the code on the terminal, and once more if the answer is not a code.
 *
 * AWS does not lock anyone out for a wrong code, but each one costs a call, and a passphrase typed into
 * the wrong prompt (https://github.com/99designs/aws-vault/issues/515) would be sent to AWS: so the
 * form is checked here. The input is shown, since a code is worthless a minute later and typing
 * mistakes are common.
 */
export async function askMfaCode(
  deps: Pick<Host, "terminal">,
  question: MfaQuestion,
): Promise<Secret> {
  const options = { timeoutMs: question.timeoutMs };
  await deps.terminal.write(`${renderMfaReason(question)}\n`);
  for (let tries = 2; tries > 0; tries--) {
    const code = parseMfaCode(await deps.terminal.ask(renderMfaQuestion(question), options));
    if (code) return code;
    await deps.terminal.dropTyped();
    await deps.terminal.write("An MFA code needs six digits\n");
  }
  const device = `${quote(question.serial)} (profile ${quote(question.profile)})`;
  throw new VaultError("bad-usage", `Cannot use the MFA code for ${device}: it needs six digits`);
}
