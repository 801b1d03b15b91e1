import type { Credentials, LongTermKey } from "../credentials.ts";
import { isRefusal } from "./user_keys.ts";

/** Signs the calls of one rotation, while the stored key changes. */
export interface Signing {
  sign<T>(call: (credentials: Credentials) => Promise<T>): Promise<T>;
  /** The new key is current: from now on it signs, if no session does. */
  useKey(key: LongTermKey): void;
}

/**
 * Signs with one session for all steps, so that a code is needed only once, or with the key itself.
 *
 * A session outlives the key it was made with, as AWS documents; if it is refused anyway, `renew`
 * makes another with the currently stored key, once, which may need a second code.
 */
export function openSigning(
  start: Credentials,
  isSession: boolean,
  renew: () => Promise<Credentials>,
): Signing {
  let credentials = start;
  let mayRenew = isSession;
  return {
    async sign(call) {
      try {
        return await call(credentials);
      } catch (error) {
        const isDead = isRefusal(error, "InvalidClientTokenId", "ExpiredToken");
        if (!mayRenew || !isDead) throw error;
        mayRenew = false;
        credentials = await renew();
        return await call(credentials);
      }
    },
    useKey(key) {
      if (!isSession) credentials = key;
    },
  };
}
