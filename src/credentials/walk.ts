/** Makes a plan's calls: the slow half of obtaining, loaded only if something is not cached. */

import { singleFlight } from "../cache/flight.ts";
import type { Credentials } from "../credentials.ts";
import { hasCode } from "../errors.ts";
import { lockPath, WaitBudget, withLock } from "../lock.ts";
import { PROFILE_CHAIN } from "../helper_environment.ts";
import { quote } from "../text.ts";
import { helperLoop, type HelperPlace, isWaiting } from "./helper_chain.ts";
import type { ObtainOptions } from "./obtain_options.ts";
import type { Plan, PlanStep } from "./plan.ts";
import type { ObtainDeps, OpenSource } from "./source.ts";
import { makeStepCall } from "./step_call.ts";

/** A plan being carried out. */
export interface Walk {
  readonly deps: ObtainDeps;
  readonly plan: Plan;
  readonly source: OpenSource;
  readonly options: ObtainOptions;
}

/** A stage and its identity: the source's own credentials, or a step's. */
interface Stage {
  readonly kind: string;
  readonly profile: string;
  /** The duration that the call requests; 0 if it cannot be requested. */
  readonly durationSeconds: number;
  readonly mfaSerial: string | undefined;
  /** The helpers that are run to obtain it. */
  readonly helpers: readonly HelperPlace[];
  readonly make: (source: Credentials | undefined) => Promise<Credentials>;
}

/** Obtains the result of a plan; `identities`, one for each stage, if the cache is used. */
export async function walkPlan(
  walk: Walk,
  identities: readonly string[] | undefined,
): Promise<Credentials> {
  const { deps, options } = walk;
  const budget = budgetOf(options);
  const stages = stagesOf(walk, budget);
  const last = stages.length - 1;

  if (deps.host.env.get(PROFILE_CHAIN)) await refuseLoop(walk, stages, identities);

  const obtain = async (i: number): Promise<Credentials> => {
    const stage = stages[i];
    if (stage === undefined) return await walk.source.obtain(budget);
    const act = async () => {
      const source = i > 0 || startsWithKey(walk) ? await obtain(i - 1) : undefined;
      const make = () => stage.make(source);
      return await unlessHeldUp(options, () => makeAlone(deps, stage, budget, make), make);
    };
    if (identities === undefined) return await act();
    const isLast = i === last;
    return await throughCache(walk, budget, stage, {
      identity: identities[i]!,
      minTtlSeconds: isLast ? options.minTtlSeconds : options.lifetimes.minTtlSeconds,
      minGrantedSeconds: isLast ? stage.durationSeconds : 0,
      act,
    });
  };
  return await obtain(last);
}

/**
 * Refuses a walk that needs a helper which waits for it, before the walk waits for the lock that
 * the invocation outside the helper holds.
 */
async function refuseLoop(
  { deps, options }: Walk,
  stages: readonly Stage[],
  identities: readonly string[] | undefined,
): Promise<void> {
  const { minTtlSeconds } = options.lifetimes;
  for (let i = stages.length - 1; i >= 0; i--) {
    const helper = stages[i]!.helpers.find((one) => isWaiting(deps.host.env, one));
    if (identities !== undefined) {
      const wanted = { minTtlSeconds, minGrantedSeconds: 0 };
      if (await (await deps.cache()).find(identities[i]!, wanted) !== undefined) return;
    }
    if (helper !== undefined) throw helperLoop(deps.host.env, helper);
  }
}

/** A long-term key is read, not obtained: it is not a stage, and never cached. */
function startsWithKey({ plan }: Walk): boolean {
  return plan.source.isLongTermKey;
}

function stagesOf(walk: Walk, budget: WaitBudget): Stage[] {
  const { deps, plan, options } = walk;
  const { row, profile } = plan.source;
  const own: Stage[] = startsWithKey(walk) ? [] : [{
    kind: row.kind,
    profile: profile.name,
    durationSeconds: row.durationSeconds?.(profile) ?? 0,
    mfaSerial: undefined,
    helpers: (row.helpers ?? []).filter((setting) => profile.sourceSettings[setting] !== undefined)
      .map((setting) => ({ setting, profile: profile.name })),
    make() {
      options.onCall?.(row.kind);
      const { minTtlSeconds } = plan.steps.length === 0 ? options : options.lifetimes;
      return walk.source.obtain(budget, minTtlSeconds);
    },
  }];
  const run = { deps, options, skew: { offsetMs: 0 } };
  const steps = plan.steps.map((step): Stage => ({
    kind: step.action,
    profile: step.profile.name,
    durationSeconds: step.durationSeconds,
    mfaSerial: step.mfa?.serial,
    helpers: helpersOf(step, options),
    make(source) {
      options.onCall?.(step.action);
      return makeStepCall(run, step, source!);
    },
  }));
  return [...own, ...steps];
}

function helpersOf({ mfa }: PlanStep, { mfaToken }: ObtainOptions): HelperPlace[] {
  if (mfa?.profile.mfaProcess === undefined || mfaToken !== undefined) return [];
  return [{ setting: "mfa_process", profile: mfa.profile.name }];
}

/** One process obtains a stage; the others wait and read what it stored. */
async function throughCache(
  { deps, plan, options }: Walk,
  budget: WaitBudget,
  stage: Stage,
  wanted: {
    identity: string;
    minTtlSeconds: number;
    minGrantedSeconds: number;
    act: () => Promise<Credentials>;
  },
): Promise<Credentials> {
  const cache = await deps.cache();
  const look = () => cache.find(wanted.identity, wanted);
  const act = async () => {
    const credentials = await wanted.act();
    await cache.store(wanted.identity, {
      kind: stage.kind,
      profile: stage.profile,
      sourceKey: plan.source.keyName,
      grantedSeconds: stage.durationSeconds,
      credentials,
    });
    return credentials;
  };
  const request = { identity: wanted.identity, profile: plan.profile.name, budget };
  return await unlessHeldUp(
    options,
    () => singleFlight(deps.host, request, { look, act }),
    async () => await look() ?? await act(),
  );
}

/** How long a command with a code waits for another process, in milliseconds. */
const WAIT_WITH_CODE_MS = 2000;

/** Commands with the same code share one flight; none waits for a prompt of another. */
function budgetOf({ mfaToken, waitMs }: ObtainOptions): WaitBudget {
  return new WaitBudget(
    mfaToken === undefined ? waitMs : Math.min(waitMs ?? WAIT_WITH_CODE_MS, WAIT_WITH_CODE_MS),
  );
}

/**
 * Acts under a lock; a command that was given a code continues without the lock if another process
 * holds it for too long.
 */
async function unlessHeldUp<T>(
  { mfaToken }: ObtainOptions,
  act: () => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (mfaToken === undefined || !hasCode(error, "wait-timeout")) throw error;
    return await otherwise();
  }
}

/** Two steps that show one device do not ask at the same time, even in different processes. */
async function makeAlone(
  deps: ObtainDeps,
  stage: Stage,
  budget: WaitBudget,
  make: () => Promise<Credentials>,
): Promise<Credentials> {
  if (stage.mfaSerial === undefined) return await make();
  return await withLock(deps.host, {
    path: await lockPath(deps.host, "device", stage.mfaSerial),
    purpose: `Cannot get credentials for ${quote(stage.profile)}`,
    profile: stage.profile,
    budget,
  }, make);
}
