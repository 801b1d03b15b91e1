/**
 * How keys become target names of Windows credentials.
 *
 * - `aws-vault:aws-vault:<key>`, as aws-vault 7 names them (docs/formats.md, "Windows Credential Manager").
 * - `aws-vault:aws-vault-key:<hex>` if another key that differs only in case already has that name:
 *   Windows compares names without case, AWS profiles with case. The hexadecimal digits are the key's
 *   UTF-16 units. aws-vault 7 does not see these.
 */

import { VaultError } from "../../src/errors.ts";
import { quote } from "../../src/text.ts";

/** The prefix of aws-vault 7's names. */
export const PLAIN_PREFIX = "aws-vault:aws-vault:";
/** The prefix of the names of keys whose plain name is taken in another case. */
export const ENCODED_PREFIX = "aws-vault:aws-vault-key:";

/** How much one credential can hold: CRED_MAX_CREDENTIAL_BLOB_SIZE (`wincred.h`), 5 × 512. */
export const LARGEST_BLOB = 2_560;

/** CRED_MAX_GENERIC_TARGET_NAME_LENGTH (`wincred.h`), of which one unit is the NUL at the end. */
const LONGEST_NAME = 32_766;
const UNIT_DIGITS = 4;

/**
 * The name that a key has unless it is taken. Throws `unsupported` if Windows cannot name the key.
 */
export function plainName(key: string): string {
  const name = PLAIN_PREFIX + key;
  const tooLong = key.length * UNIT_DIGITS + ENCODED_PREFIX.length > LONGEST_NAME;
  if (key === "" || key.includes("\0") || tooLong) {
    const reason = tooLong
      ? "it is too long for a Windows credential"
      : "it is not possible as the name of a credential";
    throw new VaultError(
      "unsupported",
      `Cannot use the key ${quote(key.slice(0, 100))}: ${reason}`,
    );
  }
  return name;
}

/** The name that a key has if the plain one is taken. */
export function encodedName(key: string): string {
  let hex = "";
  for (let i = 0; i < key.length; i++) {
    hex += key.charCodeAt(i).toString(16).padStart(UNIT_DIGITS, "0");
  }
  return ENCODED_PREFIX + hex;
}

/** The key of a name of either form, or `undefined` for a name that does not belong to a key. */
export function keyOfName(name: string): string | undefined {
  if (name.startsWith(PLAIN_PREFIX)) return name.slice(PLAIN_PREFIX.length) || undefined;
  if (!name.startsWith(ENCODED_PREFIX)) return undefined;
  const hex = name.slice(ENCODED_PREFIX.length);
  if (!/^([0-9a-f]{4})+$/.test(hex)) return undefined;
  let key = "";
  for (let i = 0; i < hex.length; i += UNIT_DIGITS) {
    key += String.fromCharCode(Number.parseInt(hex.slice(i, i + UNIT_DIGITS), 16));
  }
  return key;
}
