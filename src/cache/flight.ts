/**
 * Single flight across processes: of many that need the same credentials at once, one asks the person
 * and AWS, and the others read its result. Without it, the end of a login once opened 70 browser tabs.
 *
 * A step takes the lock of its row's identity (`src/lock.ts`), looks in the cache again, and only then
 * acts. Failures are not shared: each waiting process then tries itself.
 */

import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type LockDeps, lockPath, type WaitBudget, withLock } from "../lock.ts";
import { readHolder } from "../lock_holder.ts";
import { stateFolder } from "../state_folder.ts";
import { quote } from "../text.ts";
import { databaseMark } from "./session_database.ts";

/** The longest time between looks, even if the database seems unchanged: file times are coarse. */
const LOOK_AT_LEAST_EVERY_MS = 1_000;
/** The holder of the lock is looked up after this long. */
const CHECK_HOLDER_AFTER_MS = 1_000;

/** What single flight needs. */
export type FlightDeps = LockDeps & Pick<Host, "env">;

/** What a step is made for. */
export interface FlightRequest {
  /** The row's identity: 64 hexadecimal digits. */
  readonly identity: string;
  /** The requested profile, shown to other waiting processes. */
  readonly profile: string;
  /** What remains of this invocation's time to wait. */
  readonly budget?: WaitBudget | undefined;
  /** Aborts the waiting, not the work, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How to look up a result, and how to make it. */
export interface FlightWork<T> {
  /** The result, if it exists already; cheap, and repeated while waiting. */
  look(): Promise<T | undefined>;
  /** Makes the result and stores it where `look` finds it. */
  act(): Promise<T>;
}

/**
 * Returns the result of the step, made by this process or by another.
 *
 * Throws `wait-timeout` naming the holder when the budget is spent, and whatever `look` and `act`
 * throw. If locks are not supported, it warns once and acts.
 */
export async function singleFlight<T>(
  deps: FlightDeps,
  request: FlightRequest,
  work: FlightWork<T>,
): Promise<T> {
  const found = await work.look();
  if (found !== undefined) return found;
  return await underLock(deps, request, work);
}

async function underLock<T>(
  deps: FlightDeps,
  request: FlightRequest,
  work: FlightWork<T>,
): Promise<T> {
  const { identity, profile, budget, signal } = request;
  return await withLock(deps, {
    path: await lockPath(deps, "session", identity),
    purpose: `Cannot get credentials for ${quote(profile)}`,
    profile,
    budget,
    signal,
    whileWaiting: watchForResult(deps, work, await holderGuard(deps, request)),
  }, async () => await work.look() ?? await work.act());
}

/**
 * Looks for the result while another process works on it, so that all waiting processes get it at once
 * and need not take the lock one by one.
 */
function watchForResult<T>(
  deps: FlightDeps,
  { look }: FlightWork<T>,
  checkHolder: (waitedMs: number) => void,
) {
  const folder = stateFolder(deps)!;
  let lookedAtMs = 0;
  // Empty, so that the first check looks: the result may have arrived since the look before the lock.
  let mark = "";
  return async (waitedMs: number): Promise<T | undefined> => {
    checkHolder(waitedMs);
    const markNow = databaseMark(deps.files, folder);
    if (markNow === mark && waitedMs - lookedAtMs < LOOK_AT_LEAST_EVERY_MS) return undefined;
    mark = markNow;
    lookedAtMs = waitedMs;
    return await look();
  };
}

/**
 * Throws `bad-config` if a process above this one is making the result: it waits for a helper, which waits
 * for us. A helper that empties its environment hides that loop (`src/credentials/helper_chain.ts`); an
 * `exec` above sets `AWS_VAULT`, and finishes its work without us.
 */
async function holderGuard(deps: FlightDeps, { identity, profile }: FlightRequest) {
  const path = await lockPath(deps, "session", identity);
  let isChecked = path === undefined || Boolean(deps.env.get("AWS_VAULT"));
  return (waitedMs: number) => {
    // A process that holds the lock only for a moment has ended by then, and its record is gone.
    if (isChecked || waitedMs < CHECK_HOLDER_AFTER_MS) return;
    isChecked = true;
    const holder = readHolder(deps.files, path!);
    if (holder === undefined || !deps.platform.ancestors?.().includes(holder.pid)) return;
    throw new VaultError(
      "bad-config",
      `Cannot get credentials for profile ${quote(profile)}: it refers back to itself: ` +
        `aws-vault (pid ${holder.pid}) is waiting for a program of this profile, which runs aws-vault again`,
      {
        hints: [
          "In the profile that SDKs use, name another profile, which has the role or the key",
        ],
      },
    );
  };
}
