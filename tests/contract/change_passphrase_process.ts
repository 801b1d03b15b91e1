/**
 * A process of its own that changes the passphrase of a file store, for `change_passphrase_test.ts`.
 *
 * Arguments: the folder, the old and the new passphrase, and at which effect it kills itself (0: never).
 */

import { changePassphrase } from "../../backends/file/change_passphrase.ts";
import { hasCode } from "../../src/errors.ts";
import { fileDeps } from "./file_opener.ts";
import { killAtStep } from "./kill_at_step.ts";
import { waitForTheOthers } from "./processes.ts";

/** A helper that prints a text; on Windows by its absolute path, as nothing is said of PATH here. */
function printing(text: string): string {
  if (Deno.build.os !== "windows") return `printf %s "${text}"`;
  return `"${Deno.env.get("SystemRoot")}\\System32\\cmd.exe" /d /c echo ${text}`;
}

async function main(): Promise<void> {
  const [folder, old, replacement, dieAtStep] = Deno.args as [string, string, string, string];
  await waitForTheOthers();
  if (dieAtStep !== "0") killAtStep(Number(dieAtStep));
  try {
    await changePassphrase(fileDeps({ passphrase: old }), {
      folder,
      passphrase: {},
      newPassphrase: { command: printing(replacement) },
      mayPrompt: false,
    });
  } catch (error) {
    // What the slower of two finds; anything else is a bug and is shown.
    if (hasCode(error, "wrong-passphrase")) Deno.exit(1);
    throw error;
  }
}

await main();
