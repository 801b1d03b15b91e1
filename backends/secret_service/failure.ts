/**
 * What a failure of the Secret Service means for the keyring.
 */

import { VaultError } from "../../src/errors.ts";
import { NativeFailure } from "../../src/native.ts";
import { asClause } from "../../src/text.ts";
import { PROMPT_UNANSWERED } from "./client.ts";
import { callFailed } from "../session_bus.ts";

/** The service's error name for a locked item or collection. */
export const IS_LOCKED = "org.freedesktop.Secret.Error.IsLocked";
/** Our symbol for a prompt that a person closed. */
export const PROMPT_DISMISSED = "prompt-dismissed";

const NO_SUCH_OBJECT: ReadonlySet<string> = new Set([
  "org.freedesktop.Secret.Error.NoSuchObject",
  "org.freedesktop.DBus.Error.UnknownObject",
  "org.freedesktop.DBus.Error.UnknownMethod",
]);

/** Whether a call failed because its item or prompt does not exist, or no longer exists. */
export function isNoSuchObject(error: unknown): boolean {
  return error instanceof NativeFailure && NO_SUCH_OBJECT.has(error.symbol);
}

const UNLOCK_HINTS = [
  "Unlock the keyring in the desktop session (in KeePassXC, the database); without a desktop, run " +
  "gnome-keyring-daemon --unlock, which reads its password from standard input",
  "Or choose a keystore that needs no desktop: --backend=pass or --backend=file",
];

/** The part of QCA that KWallet needs to encrypt a session. */
const QCA_PLUGIN = "libqca-ossl";
const QCA_HINTS = [
  "Install the OpenSSL plugin of QCA for Qt 6 (Debian: libqca-qt6-plugins), and log in to the desktop again",
  "Or use KWallet through its own interface: --backend=kwallet",
];

/** The error for a person. `doing` is for example `read "work" from`. */
export function secretServiceFailed(doing: string, failure: NativeFailure): VaultError {
  const what = `Cannot ${doing} the Secret Service`;
  const message = `${what}: ${asClause(failure.message)}`;
  switch (failure.symbol) {
    case IS_LOCKED:
      return new VaultError("keyring-locked", message, { hints: UNLOCK_HINTS, cause: failure });
    case PROMPT_UNANSWERED:
      return new VaultError("keyring-locked", `${what}: nobody answered its prompt`, {
        hints: UNLOCK_HINTS,
        cause: failure,
      });
    case PROMPT_DISMISSED:
      return new VaultError("interrupted", `${what}: its prompt was dismissed`, {
        hints: [
          "Run it again and answer the prompt, or choose another collection with " +
          "--secret-service-collection, such as login",
        ],
        cause: failure,
      });
    case "org.freedesktop.DBus.Error.InvalidArgs":
      // KWallet 6's message about Qt's cryptography library: it opened no session.
      if (!failure.message.includes(QCA_PLUGIN)) {
        return callFailed(`${doing} the Secret Service`, failure);
      }
      return new VaultError("keyring-unavailable", message, { hints: QCA_HINTS, cause: failure });
    default:
      return callFailed(`${doing} the Secret Service`, failure);
  }
}
