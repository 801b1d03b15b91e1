/** What may be stored: looks at what a person typed or a file says before it goes into a keyring. */

import { classifyItem } from "./key_names.ts";

/**
 * Whether a text can be an access key id: word characters, 128 at most (IAM API reference, AccessKey).
 *
 * Short ones are taken, although AWS's have 16 and more: other systems with AWS's API have them. A
 * secret in the place of the id is nearly always found out by its `/` and `+`.
 */
export function isAccessKeyId(text: string): boolean {
  return /^\w{1,128}$/.test(text);
}

/**
 * Whether a text can be a profile's name, in the keyring and as `[profile NAME]` in the config file.
 *
 * A name that an item of ours or of aws-vault 7 has (`oidc:…`, `aws-vault-pending:…`, a session) is
 * not valid: a key stored under it would be taken for that item, and cleared or overwritten with
 * it.
 */
export function isProfileName(text: string): boolean {
  // A name that is not well-formed was not UTF-8 in its file, and is another once it is written.
  return text.trim() !== "" && text.isWellFormed() && !/[\r\n\]]/.test(text) &&
    classifyItem(text) === "credential";
}
