import { singleFlight } from "../cache/flight.ts";
import { requestIdentity } from "../cache/identity.ts";
import type { Invocation } from "./context.ts";

/**
 * Acts while no other process of this machine edits the file for a profile: an edit reads it and writes
 * it whole, so that of two at once one would be lost. Throws `wait-timeout` when another takes longer
 * than may be waited.
 */
export async function aloneWithFile<T>(
  invocation: Invocation,
  file: { readonly path: string; readonly profile: string },
  act: () => T,
): Promise<T> {
  const identity = await requestIdentity({ action: "edit", path: file.path });
  const request = { identity, profile: file.profile };
  return await singleFlight({ ...invocation.host, talk: invocation.talk }, request, {
    look: () => Promise.resolve(undefined),
    act: () => Promise.resolve(act()),
  });
}
