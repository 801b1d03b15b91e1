import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { quote } from "../text.ts";

/** Whether two byte strings are equal; absent equals only absent. */
export function isSameData(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/**
 * Stores a profile's key and reads it back, byte for byte: before a key is removed elsewhere it must
 * really be here, and not merely have been accepted without an error. Throws `keyring-failed`.
 */
export async function storeVerified(
  keyring: Keyring,
  profile: string,
  data: Uint8Array,
): Promise<void> {
  await keyring.set(profile, { data, label: `aws-vault (${profile})`, standsAlone: true });
  if (isSameData(await keyring.get(profile), data)) return;
  throw new VaultError(
    "keyring-failed",
    `Cannot store the key of profile ${quote(profile)}: ${keyring.backend} returns something else`,
  );
}
