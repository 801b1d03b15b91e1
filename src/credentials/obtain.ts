/**
 * Walks a plan: from the end backwards to the first credentials that are cached, then forwards with
 * one call a step. Each step is looked up, locked, looked up again and only then made, so that of any
 * number of processes one asks the person and AWS (design 6).
 */

import type { SessionCache } from "../cache/session_cache.ts";
import type { Lifetimes } from "../config/lifetimes.ts";
import type { Credentials } from "../credentials.ts";
import type { Host } from "../host.ts";
import type { Keyring } from "../keyring.ts";
import type { Talk } from "../talk.ts";
import { stepIdentities } from "./identities.ts";
import type { Plan } from "./plan.ts";

/** What obtaining may use. */
export interface ObtainDeps {
  readonly host: Host;
  readonly talk: Talk;
  readonly keyring: () => Promise<Keyring>;
  readonly cache: () => Promise<SessionCache>;
}

/** How the person wants it. */
export interface ObtainOptions {
  readonly lifetimes: Lifetimes;
  /** What the result must still live, in seconds; sources need only the lifetimes' minimum. */
  readonly minTtlSeconds: number;
  /** False: neither look into the cache nor store. */
  readonly useCache: boolean;
  readonly mfaToken: string | undefined;
  readonly promptDriver: string | undefined;
  readonly mayPrompt: boolean;
  /** How long to wait for another process, in milliseconds; 55 s by default. */
  readonly waitMs: number | undefined;
}

/** The credentials that a plan leads to, from the cache or by its calls. */
export async function obtainCredentials(
  deps: ObtainDeps,
  plan: Plan,
  options: ObtainOptions,
): Promise<Credentials> {
  if (!options.useCache) return await makeCalls(deps, plan, options);
  const cache = await deps.cache();
  const identities = await stepIdentities(plan, (name) => cache.generation(name));
  const target = identities.at(-1);
  if (target === undefined) return await makeCalls(deps, plan, options);
  const found = await cache.find(target, options.minTtlSeconds);
  if (found !== undefined) {
    deps.talk.debug(() => `Using cached credentials of profile ${plan.profile.name}`);
    return found;
  }
  return await makeCalls(deps, plan, options, identities);
}

/** Loaded only when something must be asked of a person or of AWS: a cached call pays nothing for it. */
async function makeCalls(
  deps: ObtainDeps,
  plan: Plan,
  options: ObtainOptions,
  identities?: readonly string[],
): Promise<Credentials> {
  const { walkPlan } = await import("./walk.ts");
  return await walkPlan(deps, plan, options, identities);
}
