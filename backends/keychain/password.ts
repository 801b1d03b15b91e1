/**
 * The password of a keychain, asked at the terminal where macOS cannot show a dialog (SSH, tmux:
 * https://github.com/99designs/aws-vault/issues/1099).
 */

import { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import type { Secret } from "../../src/secret.ts";
import { quote } from "../../src/text.ts";

/** Asks for the password of an existing keychain. */
export function askPassword(host: Pick<Host, "terminal">, name: string): Promise<Secret> {
  return host.terminal.ask(`Enter the password of the keychain ${quote(name)}: `, { hidden: true });
}

/** Asks twice for the password of a new keychain. Throws `wrong-passphrase` if they differ or are empty. */
export async function askNewPassword(
  host: Pick<Host, "terminal">,
  name: string,
): Promise<Secret> {
  const ask = (question: string) => host.terminal.ask(question, { hidden: true });
  const first = await ask(`Choose a password for the new keychain ${quote(name)}: `);
  if (!first.isEmpty) {
    const second = await ask("Type it again: ");
    if (first.reveal() === second.reveal()) return first;
  }
  const reason = first.isEmpty ? "the password is empty" : "the two passwords differ";
  throw new VaultError("wrong-passphrase", `Cannot create the keychain ${quote(name)}: ${reason}`);
}
