import { singleFlight } from "../cache/flight.ts";
import { requestIdentity } from "../cache/identity.ts";
import type { Invocation } from "./context.ts";

/**
 * Acts while no other process of this machine rotates or moves the key of the profile (the lock is that
 * of `rotate`); throws
 * `wait-timeout` when another takes longer than may be waited.
 */
export async function aloneWithKey<T>(
  invocation: Invocation,
  profile: string,
  act: () => Promise<T>,
): Promise<T> {
  const identity = await requestIdentity({ action: "rotate", profile });
  return await singleFlight({ ...invocation.host, talk: invocation.talk }, { identity, profile }, {
    look: () => Promise.resolve(undefined),
    act,
  });
}
