/** Finds the cached part of a plan without a person and without the network: for `explain`. */

import { hasCode, VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { stageIdentities } from "./identities.ts";
import { grantedSeconds } from "./obtain.ts";
import type { Plan } from "./plan.ts";
import type { ProfilePlan } from "./profile_plan.ts";
import type { ObtainDeps } from "./source.ts";

/** The last cached result of a plan, or why it is not known. */
export type CachedAnswer =
  | { readonly state: "none" }
  /** The fingerprint is unknown: a program would have to run, or a file cannot be read. */
  | { readonly state: "unknown"; readonly why: string }
  /** The keystore that opens cached sessions is locked; `step` and `expiration` are those of the stored session. */
  | { readonly state: "locked"; readonly step: number; readonly expiration: Temporal.Instant }
  /** `step` counts from 1; 0 means the source's own credentials. */
  | { readonly state: "cached"; readonly step: number; readonly expiration: Temporal.Instant };

/** Thrown instead of an action that is not allowed during `explain`. */
class OffLimits extends Error {
  override readonly name = "OffLimits";
}

/**
 * Looks for the result of the last step, then of those before it, as a walk of the plan does.
 *
 * The source gets a host without programs and without network: its fingerprint may be the output of
 * a program, which must not run for `explain`.
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

/** The identities, or why they are unknown. */
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
