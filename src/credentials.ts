import type { Secret } from "./secret.ts";

/** A long-term access key of an IAM user, as stored in a keyring. */
export interface LongTermKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
}

/** What the SDKs take: an access key, and for temporary credentials a token and an end. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Present for temporary credentials. */
  readonly sessionToken?: Secret | undefined;
  /** Absent: they do not expire. */
  readonly expiration?: Temporal.Instant | undefined;
  /** The twelve digits of the account they belong to, where known. */
  readonly accountId?: string | undefined;
  /** The ARN of the role that they are of, where known. */
  readonly roleArn?: string | undefined;
}

/**
 * Whether a part of credentials can be a header and an environment variable: printable ASCII. What
 * helpers and keystores give may be anything, and a line break in it could add another.
 */
export function canBePassedOn(part: string): boolean {
  return /^[ -~]*$/.test(part);
}
