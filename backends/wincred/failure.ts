/**
 * What a failure of Windows's credential store means for the keyring.
 */

import { type ErrorCode, VaultError } from "../../src/errors.ts";
import type { NativeFailure } from "../../src/native.ts";
import { asClause, quote } from "../../src/text.ts";
import { LARGEST_BLOB } from "./names.ts";

const OTHER_STORE = "Choose another keystore, such as the encrypted file store: --backend=file";

/** The error for a person. `doing` is for example `read "work" from`. */
export function wincredFailed(doing: string, failure: NativeFailure): VaultError {
  const [code, hints] = meaning(failure.symbol);
  return new VaultError(
    code,
    `Cannot ${doing} the Windows Credential Manager: ${asClause(failure.message)}`,
    { hints, cause: failure },
  );
}

/** The error for data that do not fit into a credential. */
export function tooLong(key: string, length: number): VaultError {
  return new VaultError(
    "unsupported",
    `Cannot store ${quote(key)} in the Windows Credential Manager: a credential holds ` +
      `${LARGEST_BLOB.toLocaleString("en-US")} bytes at most, and this one has ` +
      length.toLocaleString("en-US"),
    { hints: [OTHER_STORE] },
  );
}

function meaning(symbol: string): [ErrorCode, string[]] {
  switch (symbol) {
    case "ERROR_NO_SUCH_LOGON_SESSION":
      return ["keyring-unavailable", [
        "Logon sessions without a password, such as SSH with a key, services and scheduled tasks, have no " +
        "credential store: log on with a password, or on the desktop",
        OTHER_STORE,
      ]];
    case "ERROR_ACCESS_DENIED":
      return ["keyring-failed", [
        "A policy of this machine may forbid storing credentials",
        OTHER_STORE,
      ]];
    default:
      return ["keyring-failed", []];
  }
}
