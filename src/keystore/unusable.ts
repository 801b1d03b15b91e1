import { type ErrorCode, hasCode, VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { asClause, quote } from "../text.ts";

/** Failures that may mean that a back end cannot be used here at all. */
const UNCLEAR: readonly ErrorCode[] = [
  "keyring-failed",
  "helper-failed",
  "unsupported",
  "internal",
];

/**
 * Explains failures of a named back end. It is not probed before use, which would slow down every call:
 * only after a call fails is it probed, and the reason why it cannot be used is reported instead.
 */
export function explainFailures(
  keyring: Keyring,
  probe: () => Promise<string | undefined>,
): Keyring {
  const explained = async <T>(result: Promise<T>): Promise<T> => {
    try {
      return await result;
    } catch (error) {
      throw await explain(error);
    }
  };
  const explain = async (error: unknown): Promise<unknown> => {
    if (hasCode(error, "keyring-unavailable")) return unusable(keyring, error.message, error);
    if (!hasCode(error, ...UNCLEAR)) return error;
    const reason = await probe();
    return reason === undefined ? error : unusable(keyring, reason, error);
  };
  return {
    backend: keyring.backend,
    location: keyring.location,
    warning: keyring.warning,
    standIn: keyring.standIn,
    has: (key) => explained(keyring.has(key)),
    get: (key) => explained(keyring.get(key)),
    ...(keyring.hasPublicName && {
      hasPublicName: (key, name) => explained(keyring.hasPublicName!(key, name)),
    }),
    set: (key, item) => explained(keyring.set(key, item)),
    remove: (key) => explained(keyring.remove(key)),
    keys: () => explained(keyring.keys()),
    close: () => keyring.close(),
  };
}

function unusable({ backend }: Keyring, reason: string, cause: VaultError): VaultError {
  const name = `Cannot use back end ${quote(backend)}`;
  const message = reason.includes(backend) ? reason : `${name}: ${asClause(reason)}`;
  const hints = cause.code === "keyring-unavailable" ? cause.hints : [];
  return new VaultError("keyring-unavailable", message, { hints, cause });
}
