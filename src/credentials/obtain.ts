/**
 * Walks a plan: backwards from the end to the first cached credentials, then forwards with one call for each
 * step. Each step is looked up, locked, looked up again and only then called, so that of any number of
 * processes only one asks the person and AWS (docs/architecture.md, "Single flight and locks").
 */

import type { Credentials } from "../credentials.ts";
import { stageIdentities } from "./identities.ts";
import type { ObtainOptions } from "./obtain_options.ts";
import type { Plan } from "./plan.ts";
import { type ObtainDeps, type OpenSource, SourceChanged } from "./source.ts";

/** A source that changes more often than this during its use is broken. */
const MOST_OPENED = 3;

/** The credentials that a plan leads to, from the cache or by its calls. */
export async function obtainCredentials(
  deps: ObtainDeps,
  plan: Plan,
  options: ObtainOptions,
): Promise<Credentials> {
  for (let opened = 1;; opened++) {
    try {
      return await obtainOnce(deps, plan, options);
    } catch (error) {
      if (!(error instanceof SourceChanged) || opened === MOST_OPENED) throw error;
    }
  }
}

async function obtainOnce(
  deps: ObtainDeps,
  plan: Plan,
  options: ObtainOptions,
): Promise<Credentials> {
  const source = await plan.source.row.open(deps, plan.source.profile, plan.source.request);
  const fingerprint = options.useCache ? await source.fingerprint() : undefined;
  if (fingerprint === undefined) return await makeCalls(deps, plan, source, options);
  const identities = await stageIdentities(plan, fingerprint);
  const target = identities.at(-1);
  if (target === undefined) return await makeCalls(deps, plan, source, options);
  const found = await (await deps.cache()).find(target, {
    minTtlSeconds: options.minTtlSeconds,
    minGrantedSeconds: grantedSeconds(plan),
  });
  if (found !== undefined) {
    deps.host.talk.debug(() => `Using cached credentials of profile ${plan.profile.name}`);
    await source.remind?.();
    return await renewWorn(deps, plan, options, identities, found) ?? found;
  }
  const obtained = await makeCalls(deps, plan, source, options, identities);
  await source.remind?.();
  return obtained;
}

/** New credentials in place of those past half of their lifetime, if requested and possible. */
async function renewWorn(
  deps: ObtainDeps,
  plan: Plan,
  options: ObtainOptions,
  identities: readonly string[],
  { expiration }: Credentials,
): Promise<Credentials | undefined> {
  const { renewWith } = options;
  const half = grantedSeconds(plan) / 2;
  if (renewWith === undefined || expiration === undefined) return undefined;
  if (expiration.since(deps.host.clock.now()).total("seconds") >= half) return undefined;
  const { renewEarly } = await import("./renew_early.ts");
  const renewal = { plan, options, identities, minTtlSeconds: half, quietKeyring: renewWith };
  return await renewEarly(deps, renewal);
}

/**
 * The duration that the plan's result requests: a cached row granted for less does not serve.
 *
 * This applies only to the result. A session that roles are assumed with serves as long as it is valid,
 * however long it was granted for: nobody requested its duration, and entering a code costs effort.
 */
export function grantedSeconds({ source, steps }: Plan): number {
  const last = steps.at(-1);
  return last?.durationSeconds ?? source.row.durationSeconds?.(source.profile) ?? 0;
}

/** Loaded only for a request to a person or to AWS: a cached call does not pay for it. */
async function makeCalls(
  deps: ObtainDeps,
  plan: Plan,
  source: OpenSource,
  options: ObtainOptions,
  identities?: readonly string[],
): Promise<Credentials> {
  const { walkPlan } = await import("./walk.ts");
  return await walkPlan({ deps, plan, source, options }, identities);
}
