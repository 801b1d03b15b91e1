/** Makes a plan's calls: the slow half of obtaining, loaded when something is not cached. */

import { deviceLock, singleFlight, WaitBudget } from "../cache/flight.ts";
import type { Credentials } from "../credentials.ts";
import { makeStepCall } from "./step_call.ts";
import { readSource } from "./source_credentials.ts";
import type { ObtainDeps, ObtainOptions } from "./obtain.ts";
import type { Plan, PlanStep } from "./plan.ts";

/** Something temporary that is obtained under an identity: the source's own credentials, or a step's. */
interface Stage {
  readonly kind: string;
  readonly profile: string;
  readonly mfaSerial: string | undefined;
  readonly make: (source: Credentials | undefined) => Promise<Credentials>;
}

/** Obtains what a plan leads to; `identities`, one a stage, where the cache is used. */
export async function walkPlan(
  deps: ObtainDeps,
  plan: Plan,
  options: ObtainOptions,
  identities: readonly string[] | undefined,
): Promise<Credentials> {
  const stages = stagesOf(deps, plan, options);
  const budget = new WaitBudget(options.waitMs);
  const last = stages.length - 1;

  const obtain = async (i: number): Promise<Credentials> => {
    const stage = stages[i];
    if (stage === undefined) return await readSource(deps, plan.source, options);
    const act = async () => {
      const source = i > 0 || isStoredKey(plan) ? await obtain(i - 1) : undefined;
      return await makeAlone(deps, stage, budget, source);
    };
    if (identities === undefined) return await act();
    return await throughCache(deps, plan, budget, stage, {
      identity: identities[i]!,
      minTtlSeconds: i === last ? options.minTtlSeconds : options.lifetimes.minTtlSeconds,
      act,
    });
  };
  return await obtain(last);
}

function isStoredKey(plan: Plan): boolean {
  return plan.source.kind === "stored-key";
}

function stagesOf(deps: ObtainDeps, plan: Plan, options: ObtainOptions): Stage[] {
  const own: Stage[] = isStoredKey(plan) ? [] : [{
    kind: plan.source.kind === "web-identity" ? "AssumeRoleWithWebIdentity" : "credential_process",
    profile: plan.source.profile.name,
    mfaSerial: undefined,
    make: () => readSource(deps, plan.source, options),
  }];
  const steps = plan.steps.map((step: PlanStep): Stage => ({
    kind: step.action,
    profile: step.profile.name,
    mfaSerial: step.mfa?.serial,
    make: (source) => makeStepCall(deps, step, source!, options),
  }));
  return [...own, ...steps];
}

/** One process makes a stage; the others wait and read what it stored (design 6). */
async function throughCache(
  deps: ObtainDeps,
  plan: Plan,
  budget: WaitBudget,
  stage: Stage,
  wanted: { identity: string; minTtlSeconds: number; act: () => Promise<Credentials> },
): Promise<Credentials> {
  const cache = await deps.cache();
  return await singleFlight(
    { ...deps.host, talk: deps.talk },
    { identity: wanted.identity, profile: plan.profile.name, budget },
    {
      look: () => cache.find(wanted.identity, wanted.minTtlSeconds),
      act: async () => {
        const credentials = await wanted.act();
        const sourceKey = isStoredKey(plan) ? plan.source.profile.name : undefined;
        await cache.store(wanted.identity, {
          kind: stage.kind,
          profile: stage.profile,
          sourceKey,
          credentials,
        });
        return credentials;
      },
    },
  );
}

/** Two steps that show one device do not ask at the same moment, whichever process they are in. */
async function makeAlone(
  deps: ObtainDeps,
  stage: Stage,
  budget: WaitBudget,
  source: Credentials | undefined,
): Promise<Credentials> {
  if (stage.mfaSerial === undefined) return await stage.make(source);
  return await deviceLock(
    { ...deps.host, talk: deps.talk },
    { serial: stage.mfaSerial, profile: stage.profile, budget },
    () => stage.make(source),
  );
}
