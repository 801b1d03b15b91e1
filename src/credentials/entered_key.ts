/** Checks of what a person typed or a file contains, before it is stored in a keyring. */

import { classifyItem } from "./key_names.ts";

/**
 * Whether a text can be an access key ID: word characters, at most 128 (IAM API reference, AccessKey).
 *
 * Short IDs are accepted, although AWS's have 16 characters or more: other systems with AWS's API have them.
 * A secret access key in place of the ID is nearly always detected by its `/` and `+`.
 */
export function isAccessKeyId(text: string): boolean {
  return /^\w{1,128}$/.test(text);
}

/** The forms of what is entered, each as a sentence for the person. */
export const FORMS = {
  accessKeyId: "An access key ID has only letters and digits, and usually begins with AKIA",
  secretAccessKey: "A secret access key has no quotes, blanks or invisible characters",
  mfaSerial:
    "An MFA device is named by its ARN, arn:aws:iam::ACCOUNT:mfa/NAME, or by its serial number",
} as const;

/** Whether a key ID is that of temporary credentials (IAM user guide, "Unique identifiers"). */
export function isTemporaryKeyId(accessKeyId: string): boolean {
  return accessKeyId.startsWith("ASIA");
}

/**
 * Whether a text can be a secret access key: printable ASCII without quotes. Quotes and invisible
 * characters come from pasting out of a file or a chat.
 */
export function isSecretAccessKey(text: string): boolean {
  return /^[!-~]+$/.test(text) && !/["'`]/.test(text);
}

/** Whether a text can name an MFA device (STS API, `SerialNumber`; IAM user guide, "IAM ARNs"). */
export function isMfaSerial(text: string): boolean {
  return text.startsWith("arn:")
    ? /^arn:aws[a-z-]*:iam::[0-9]{12}:[a-z0-9-]+\/[\w+=/:,.@-]+$/.test(text)
    : /^[\w+=/:,.@-]{9,256}$/.test(text);
}

/**
 * Whether a text can be a profile's name, in the keyring and as `[profile NAME]` in the config
 * file.
 *
 * The name of an item of ours or of aws-vault 7 (`oidc:…`, `aws-vault-pending:…`, a session) is not
 * valid: a key stored under it would be mistaken for that item, and cleared or overwritten with it.
 */
export function isProfileName(text: string): boolean {
  // A name that is not well-formed was not UTF-8 in its file, and changes when it is written.
  return text.trim() !== "" && text.isWellFormed() && !/[\r\n\]]/.test(text) &&
    classifyItem(text) === "credential";
}
