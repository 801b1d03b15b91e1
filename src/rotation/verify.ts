import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import { type CallerIdentity, getCallerIdentity } from "../aws/sts.ts";
import type { LongTermKey } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { isRefusal } from "./user_keys.ts";

/** IAM is eventually consistent: a new key works everywhere after some seconds, rarely after a minute. */
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** A pause of this length is reported to the person: the third one. */
const TELLING_PAUSE_MS = 4 * FIRST_PAUSE_MS;

/**
 * Waits until a call signed with a new key succeeds: AWS answers InvalidClientTokenId for keys that
 * it does not know yet. Throws the refusal when the time is over.
 */
export async function untilKnown<T>(deps: AwsDeps, call: () => Promise<T>): Promise<T> {
  const start = deps.clock.monotonicMs();
  for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      const isUnknown = isRefusal(error, "InvalidClientTokenId", "InvalidAccessKeyId");
      if (!isUnknown || deps.clock.monotonicMs() - start >= PATIENCE_MS) throw error;
    }
    if (pauseMs === TELLING_PAUSE_MS) {
      deps.talk.note("AWS does not know the new key yet: waiting for it, up to a minute");
    }
    await deps.clock.sleep(pauseMs * (0.5 + deps.random.fraction() / 2));
  }
}

/** Verifies that a key works and belongs to the user; waits until AWS knows a new key. */
export async function verifyKey(
  deps: AwsDeps,
  caller: Omit<AwsCaller, "credentials">,
  key: LongTermKey,
  userArn: string,
): Promise<CallerIdentity> {
  const identity = await untilKnown(
    deps,
    () => getCallerIdentity(deps, { ...caller, credentials: key }),
  );
  if (identity.arn === userArn) return identity;
  throw new VaultError(
    "conflict",
    `Cannot continue with the new key: AWS says it belongs to ${quote(identity.arn)}, not to ${
      quote(userArn)
    }`,
  );
}
