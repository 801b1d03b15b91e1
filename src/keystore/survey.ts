import type { Backend, BackendState } from "../backend.ts";
import { type KeystoreDeps, onThisPlatform, whyUnusable } from "./choose.ts";

/**
 * All back ends for this platform, why each cannot be used, and which one is used: the named one, or else
 * the first that can be used without being named.
 */
export async function surveyBackends(
  deps: KeystoreDeps,
  named: string | undefined,
): Promise<readonly BackendState[]> {
  const backends = onThisPlatform(deps);
  const reasons = await Promise.all(backends.map((backend) => whyUnusable(deps, backend)));
  const chosen = named === undefined
    ? await firstThatYieldsNot(deps, backends.filter((_, i) => reasons[i] === undefined))
    : backends.find(({ name }) => name === named);
  return backends.map((backend, i) => ({
    name: backend.name,
    reason: reasons[i],
    isChosen: backend === chosen,
    isAutomatic: backend.isAutomatic,
    keepsHistory: backend.keepsHistory === true,
  }));
}

async function firstThatYieldsNot(
  { host, input }: KeystoreDeps,
  usable: readonly Backend[],
): Promise<Backend | undefined> {
  for (const backend of usable) {
    if (!backend.isAutomatic) continue;
    if (await backend.yieldsTo?.(host, input) === undefined) return backend;
  }
  return undefined;
}
