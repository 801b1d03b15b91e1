import { VaultError } from "../errors.ts";
import type { Invocation } from "./context.ts";

/**
 * Asks a yes-no question on the terminal; any answer but `y` or `yes` is no.
 *
 * Throws `needs-person` with the given message and hint if nobody can be asked.
 */
export async function confirm(
  invocation: Invocation,
  question: string,
  needed: { readonly message: string; readonly hint: string },
): Promise<boolean> {
  const { terminal } = invocation.host;
  if (!invocation.mayPrompt || !await terminal.isAvailable()) {
    throw new VaultError("needs-person", needed.message, { hints: [needed.hint] });
  }
  const answer = await terminal.ask(`${question} (y|N) `);
  return /^y(es)?$/i.test(answer.reveal().trim());
}
