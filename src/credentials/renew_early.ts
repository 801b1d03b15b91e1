/**
 * Renews credentials for `exec` while the old ones still serve, if no person is needed: a command
 * that starts now must not find them expired a few minutes later.
 */

import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import type { Credentials } from "../credentials.ts";
import type { ObtainOptions } from "./obtain_options.ts";
import type { Plan } from "./plan.ts";
import type { ObtainDeps } from "./source.ts";
import { walkPlan } from "./walk.ts";

/** Renewing early is optional: a network that does not answer costs this much, once. */
const TIMEOUT_MS = 3000;

/** The credentials to renew, and from when on the old ones do not count. */
export interface Renewal {
  readonly plan: Plan;
  readonly options: ObtainOptions;
  readonly identities: readonly string[];
  /** The lifetime that new ones must have left, in seconds. */
  readonly minTtlSeconds: number;
  readonly quietKeyring: () => Promise<Keyring>;
}

/**
 * New credentials, or `undefined` if a person or a retry would be needed: then the old ones serve.
 *
 * Nobody is asked for a code, a passphrase or a touch, and nothing is printed.
 */
export async function renewEarly(
  deps: ObtainDeps,
  renewal: Renewal,
): Promise<Credentials | undefined> {
  if (!await asksNobody(deps, renewal)) return undefined;
  const { plan, options, identities, minTtlSeconds, quietKeyring } = renewal;
  const quiet = { ...deps, host: silentHost(deps.host), keyring: quietKeyring };
  try {
    const source = await plan.source.row.open(quiet, plan.source.profile, plan.source.request);
    const wishes = {
      ...options,
      minTtlSeconds,
      mayPrompt: false,
      mfaToken: undefined,
      waitMs: 1000,
    };
    return await walkPlan({ deps: quiet, plan, source, options: wishes }, identities);
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

/** Whether every code was already entered: the session that used it is cached. */
async function asksNobody(
  deps: ObtainDeps,
  { plan, options, identities }: Renewal,
): Promise<boolean> {
  if (plan.source.row.asksNobody?.(plan.source.profile) !== true) return false;
  const shown = plan.steps.findLastIndex(({ mfa }) => mfa !== undefined);
  if (shown < 0) return true;
  if (shown === plan.steps.length - 1) return false;
  const identity = identities[identities.length - plan.steps.length + shown]!;
  const { minTtlSeconds } = options.lifetimes;
  const session = await (await deps.cache()).find(identity, {
    minTtlSeconds,
    minGrantedSeconds: 0,
  });
  return session !== undefined;
}

function silentHost(host: ObtainDeps["host"]): ObtainDeps["host"] {
  const silent = () => {};
  return {
    ...host,
    talk: {
      ...host.talk,
      answer: silent,
      say: silent,
      note: silent,
      insist: silent,
      warn: silent,
      hint: silent,
    },
    clock: { ...host.clock, now: () => host.clock.now(), sleep: noSecondTry },
    http: {
      send: (request) =>
        host.http.send({ ...request, timeoutMs: Math.min(request.timeoutMs, TIMEOUT_MS) }),
    },
  };
}

function noSecondTry(): Promise<never> {
  return Promise.reject(new VaultError("network", "Cannot renew the credentials right now"));
}
