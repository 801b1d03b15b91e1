import type { AccessKeyInfo } from "../aws/iam.ts";
import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import type { LongTermKey } from "../credentials.ts";
import type { Keyring } from "../keyring.ts";
import type { Talk } from "../talk.ts";
import type { ObservedHttp } from "./aws_clock.ts";
import type { UserKeys } from "./user_keys.ts";

/** What a person says to a deletion; `unasked` where nobody can be asked. */
export type Leave = "given" | "refused" | "unasked";

/** What a rotation works with. */
export interface RotateDeps {
  readonly aws: AwsDeps & { readonly http: ObservedHttp };
  /** STS, for verifying keys. */
  readonly sts: Omit<AwsCaller, "credentials">;
  readonly talk: Talk;
  readonly keyring: Keyring;
  readonly keys: UserKeys;
  /** From when the new key is current: calls are no longer signed with the old one. */
  readonly useKey: (key: LongTermKey) => void;
  /** Makes every session of the profile's key a miss, and drops it. */
  readonly forgetSessions: () => Promise<void>;
  /** Keeps in mind when the stored key was made. */
  readonly noteCreated: (created: Temporal.Instant) => Promise<void>;
  /** Whether a key that stands in the way may be deleted. */
  readonly mayDelete: (key: AccessKeyInfo, described: readonly string[]) => Promise<Leave>;
}
