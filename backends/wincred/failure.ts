/**
 * What a failure of Windows's credential store means for the keyring.
 */

import { type ErrorCode, VaultError } from "../../src/errors.ts";
import type { NativeFailure } from "../../src/native.ts";

const OTHER_STORE = "Or choose another keystore: --backend=file";

/** The error for a person. `doing` is such as `read "work" from`. */
export function wincredFailed(doing: string, failure: NativeFailure): VaultError {
  const [code, hints] = meaning(failure.symbol);
  return new VaultError(
    code,
    `Cannot ${doing} the Windows Credential Manager: ${failure.message}`,
    { hints, cause: failure },
  );
}

function meaning(symbol: string): [ErrorCode, string[]] {
  switch (symbol) {
    case "ERROR_NO_SUCH_LOGON_SESSION":
      return ["keyring-unavailable", [
        "Sessions without a password, such as SSH with a key, services and scheduled tasks, have no " +
        "credential store: log on with the password, or on the desktop",
        OTHER_STORE,
      ]];
    case "ERROR_ACCESS_DENIED":
      return ["keyring-failed", [
        "A policy of this machine may forbid to store credentials",
        OTHER_STORE,
      ]];
    default:
      return ["keyring-failed", []];
  }
}
