import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";

/** How often a question is asked before giving up on a script that cannot answer it. */
const TRIES = 3;

/** A question whose answer must have a certain form. */
export interface FormQuestion {
  readonly question: string;
  readonly hidden?: boolean;
  /** See `Terminal.ask`. */
  readonly timeoutMs?: number;
  readonly waitsForTyping?: boolean;
  /** The form, described in a sentence. */
  readonly form: string;
  isValid(answer: string): boolean;
}

/**
 * Asks until the answer has the required form, and returns it without white space at its ends.
 *
 * An empty line, which a paste may begin with, is skipped. Input after a wrong answer was meant for
 * another question, and is dropped. Throws `bad-usage` after some tries.
 */
export async function askUntilValid(
  { terminal }: Pick<Host, "terminal">,
  { question, form, isValid, ...options }: FormQuestion,
): Promise<string> {
  for (let tries = TRIES; tries > 0; tries--) {
    const answer = (await terminal.ask(question, options)).reveal().trim();
    if (isValid(answer)) return answer;
    if (answer === "") continue;
    await terminal.dropTyped();
    await terminal.write(`${form}\n`);
  }
  throw new VaultError("bad-usage", "Cannot use what was typed", { hints: [form] });
}
