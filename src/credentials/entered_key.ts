/** What may be stored: looks at what a person typed or a file says before it goes into a keyring. */

import { classifyItem } from "./key_names.ts";

/**
 * Whether a text can be an access key id: word characters, 128 at most (IAM API reference, AccessKey).
 *
 * Short ones are taken, although AWS's have 16 and more: other systems with AWS's API have them. A
 * secret in place of the id is nearly always found out by its `/` and `+`.
 */
export function isAccessKeyId(text: string): boolean {
  return /^\w{1,128}$/.test(text);
}

/** The forms of what is entered, each in a sentence for the person. */
export const FORMS = {
  accessKeyId: "An access key ID has only letters and digits, and usually begins with AKIA",
  secretAccessKey: "A secret access key has no quotes, blanks or invisible characters",
  mfaSerial:
    "An MFA device is named by its ARN, arn:aws:iam::ACCOUNT:mfa/NAME, or by its serial number",
} as const;

/** Whether a key id is that of temporary credentials (IAM user guide, "Unique identifiers"). */
export function isTemporaryKeyId(accessKeyId: string): boolean {
  return accessKeyId.startsWith("ASIA");
}

/**
 * Whether a text can be a secret access key: printable ASCII without quotes, which come of pasting
 * from a file or a chat, as invisible characters do.
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
