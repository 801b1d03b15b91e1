import type { Secret } from "./secret.ts";

/** A long-term access key of an IAM user, as stored in a keyring. */
export interface LongTermKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
}

/** What the SDKs take: an access key, and for temporary credentials a session token and an expiration. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Present for temporary credentials. */
  readonly sessionToken?: Secret | undefined;
  /** Absent: they do not expire. */
  readonly expiration?: Temporal.Instant | undefined;
  /** The twelve digits of their account, if known. */
  readonly accountId?: string | undefined;
  /** The ARN of their role, if known. */
  readonly roleArn?: string | undefined;
}

/**
 * Whether a part of credentials can be a header or an environment variable: printable ASCII. Helpers
 * and keystores can give anything, and a line break could add another header or variable.
 */
export function canBePassedOn(part: string): boolean {
  return /^[ -~]*$/.test(part);
}
