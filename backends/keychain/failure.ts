/**
 * What a failure of a keychain means for the keyring.
 */

import { type ErrorCode, VaultError } from "../../src/errors.ts";
import type { NativeFailure } from "../../src/native.ts";
import { asClause, wordToType } from "../../src/text.ts";
import type { KeychainPlace } from "./path.ts";

/** macOS must not, or cannot, show a dialog: no desktop session (SSH, tmux, launchd), or `--no-prompt`. */
export const NO_INTERACTION: ReadonlySet<string> = new Set([
  "errSecInteractionNotAllowed",
  "errSecInteractionRequired",
  "errSecInDarkWake",
]);

const OTHER_STORE = "Or choose a keystore that needs no desktop: --backend=file";

/** The error for a person. `doing` is for example `read "work" from`. */
export function keychainFailed(
  doing: string,
  { path, isOwn }: KeychainPlace,
  failure: NativeFailure,
): VaultError {
  const [code, hints] = meaning(failure.symbol, wordToType(path), isOwn);
  const reason = code === "interrupted" ? "its dialog was dismissed" : failure.message;
  return new VaultError(
    code,
    `Cannot ${doing} the keychain ${path}: ${asClause(reason)}`,
    { hints, cause: failure },
  );
}

function meaning(symbol: string, path: string, isOwn: boolean): [ErrorCode, string[]] {
  if (NO_INTERACTION.has(symbol)) {
    return ["keyring-locked", [
      `Unlock it in this login session: security unlock-keychain ${path}`,
      "Or run it once in the desktop session and choose Always Allow, if the item was stored by another program",
      OTHER_STORE,
    ]];
  }
  switch (symbol) {
    case "timeout":
      return ["keyring-locked", [
        "Look for a macOS dialog that is waiting for an answer",
        `Or unlock it in this login session: security unlock-keychain ${path}`,
      ]];
    case "errSecAuthFailed":
      return ["keyring-locked", [
        "Type the password that the keychain was created with; it can differ from the login password",
        // For a keychain that others use, above all the login keychain, no hint suggests deleting
        // it.
        ...isOwn
          ? [
            "A forgotten one cannot be recovered: security delete-keychain " + path +
            " removes the keychain with all its keys, and aws-vault add creates a new one",
          ]
          : [],
      ]];
    case "errSecUserCanceled":
      return ["interrupted", ["Run it again and answer the dialog"]];
    case "errSecParam":
      return ["keyring-failed", [
        "A sandbox that blocks access to the keychain causes this; run it outside the sandbox",
        OTHER_STORE,
      ]];
    case "errSecNotAvailable":
    case "unavailable":
      return ["keyring-unavailable", [OTHER_STORE]];
    case "too-long":
    case "unsupported":
      return ["unsupported", ["Choose another name or keystore, such as --backend=file"]];
    case "errSecInvalidKeychain":
      return ["keyring-failed", [
        "The file is not a keychain, or is damaged; it was left in place",
      ]];
    default:
      return ["keyring-failed", []];
  }
}
