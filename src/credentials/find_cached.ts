/** What of a plan is cached, found without a person and without the network: for `explain`. */

import { hasCode, VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { stageIdentities } from "./identities.ts";
import { grantedSeconds } from "./obtain.ts";
import type { Plan } from "./plan.ts";
import type { ProfilePlan } from "./profile_plan.ts";
import type { ObtainDeps } from "./source.ts";

/** The last of a plan's answers that is cached, or why that is not known. */
export type CachedAnswer =
  | { readonly state: "none" }
  /** What the credentials depend on is not known: before a program has run, or since a file cannot be read. */
  | { readonly state: "unknown"; readonly why: string }
  /** The keystore that opens cached sessions is locked; `step` and `expiration` are of the session that is there. */
  | { readonly state: "locked"; readonly step: number; readonly expiration: Temporal.Instant }
  /** `step` counts from 1; 0 is the source's own credentials. */
  | { readonly state: "cached"; readonly step: number; readonly expiration: Temporal.Instant };

/** Thrown in place of what must not happen while something is explained. */
class OffLimits extends Error {
  override readonly name = "OffLimits";
}

/**
 * Looks for the answer of the last step, then of those before it, as a walk of the plan does.
 *
 * The source of credentials gets a host without programs and without network: a fingerprint may be what
 * another program prints, and one that is only asked about must not run.
 */
export async function findCached(
  deps: ObtainDeps,
  { plan, lifetimes }: ProfilePlan,
): Promise<CachedAnswer> {
  const identities = await identitiesOf(deps, plan);
  if (typeof identities === "string") return { state: "unknown", why: identities };
  const cache = await deps.cache();
  const { minTtlSeconds } = lifetimes;
  const first = plan.steps.length - identities.length + 1;
  for (const [i, identity] of [...identities.entries()].reverse()) {
    const minGrantedSeconds = i === identities.length - 1 ? grantedSeconds(plan) : 0;
    try {
      const found = await cache.find(identity, { minTtlSeconds, minGrantedSeconds });
      const expiration = found?.expiration;
      if (expiration !== undefined) return { state: "cached", step: first + i, expiration };
    } catch (error) {
      if (!isLocked(error)) throw error;
      const row = cache.list().find((row) => row.identity === identity);
      if (row) return { state: "locked", step: first + i, expiration: row.expiration };
    }
  }
  return { state: "none" };
}

/** Whether a keystore has answered that it cannot be read without a person. */
export function isLocked(error: unknown): boolean {
  return hasCode(error, "needs-person", "keyring-locked");
}

/** The identities, or why there are none. */
async function identitiesOf(deps: ObtainDeps, plan: Plan): Promise<string[] | string> {
  const { row, profile, request } = plan.source;
  try {
    const source = await row.open({ ...deps, host: offline(deps.host) }, profile, request);
    const fingerprint = await source.fingerprint();
    if (fingerprint !== undefined) return await stageIdentities(plan, fingerprint);
    return "What the credentials depend on is not known, so they are not cached";
  } catch (error) {
    if (error instanceof OffLimits) return error.message;
    if (error instanceof VaultError) return error.message;
    throw error;
  }
}

function offline<H extends Pick<Host, "programs" | "http">>(host: H): H {
  const refuseWith = (why: string) => () => Promise.reject(new OffLimits(why));
  const refuse = refuseWith("Only a program knows whose credentials they are, and it is not run");
  const send = refuseWith(
    "Only a service of this machine knows whose credentials they are, and it is not asked",
  );
  const programs = { find: (name: string) => host.programs.find(name), run: refuse };
  return {
    ...host,
    programs: { ...programs, replace: refuse, attend: refuse },
    http: { send },
  };
}
