import type { AccessKeyInfo } from "../aws/iam.ts";
import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import type { LongTermKey } from "../credentials.ts";
import type { Keyring } from "../keyring.ts";
import type { Talk } from "../talk.ts";
import type { ObservedHttp } from "./aws_clock.ts";
import type { UserKeys } from "./user_keys.ts";

/** A person's answer about a deletion; `unasked` if nobody can be asked. */
export type Leave = "given" | "refused" | "unasked";

/** What a rotation needs. */
export interface RotateDeps {
  readonly aws: AwsDeps & { readonly http: ObservedHttp };
  /** STS, for verifying keys. */
  readonly sts: Omit<AwsCaller, "credentials">;
  readonly talk: Talk;
  readonly keyring: Keyring;
  readonly keys: UserKeys;
  /** Called once the new key is current: from then on the old one signs no calls. */
  readonly useKey: (key: LongTermKey) => void;
  /** Makes every session of the profile's key a miss, and drops it. */
  readonly forgetSessions: () => Promise<void>;
  /** Remembers when the stored key was created. */
  readonly noteCreated: (created: Temporal.Instant) => Promise<void>;
  /** Whether a key that leaves no room may be deleted. */
  readonly mayDelete: (key: AccessKeyInfo, described: readonly string[]) => Promise<Leave>;
}
