import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";

/** How often a question is asked before a script that cannot answer it is given up. */
const TRIES = 3;

/** A question whose answer has a form. */
export interface FormQuestion {
  readonly question: string;
  readonly hidden?: boolean;
  /** See `Terminal.ask`. */
  readonly timeoutMs?: number;
  readonly waitsForTyping?: boolean;
  /** The form, in a sentence. */
  readonly form: string;
  isValid(answer: string): boolean;
}

/**
 * Asks until the answer has its form, and gives it without white space at its ends.
 *
 * An empty line, such as a paste may begin with, is passed over. What was typed behind a wrong answer
 * was meant for another question, and is dropped. Throws `bad-usage` after some tries.
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
