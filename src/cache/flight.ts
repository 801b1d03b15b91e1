/**
 * Single flight over all processes: of many that need the same credentials at once, one asks the
 * person and AWS, and the others read its result (pains 1: a login's end opened 70 browser tabs).
 *
 * A step takes an OS lock on its row's identity, looks into the cache again, and only then acts. The
 * kernel frees the lock when its holder dies. Locks nest in one order: the target's, then its
 * source's, then the device's; identities are hashes that contain their source's, so no circle can
 * form. Failures are not shared: whoever waited then tries itself.
 */

import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Talk } from "../talk.ts";
import { quote } from "../text.ts";
import { hashCanonically } from "./canonical.ts";
import { type Holder, nameHolder, readHolder, removeHolder, writeHolder } from "./holder.ts";
import { databaseMark } from "./session_database.ts";
import { stateFolder } from "./state_folder.ts";
import { takeLock, WaitBudget } from "./waiting_lock.ts";

export { DEFAULT_WAIT_MS, WaitBudget } from "./waiting_lock.ts";

/** After this long the person is told what is waited for. */
const QUIET_MS = 2_000;

/** A look is made at least this often even where the database seems unchanged: file times are coarse. */
const LOOK_AT_LEAST_EVERY_MS = 1_000;

/** What single flight needs. */
export type FlightDeps =
  & Pick<Host, "files" | "clock" | "random" | "env" | "platform">
  & { readonly talk: Talk };

/** For what, and for whom, a step is made. */
export interface FlightRequest {
  /** The row's identity: 64 hexadecimal digits. */
  readonly identity: string;
  /** The profile that the person asked for; others who wait are told it. */
  readonly profile: string;
  /** What is left of this run's patience; {@linkcode DEFAULT_WAIT_MS} when absent. */
  readonly budget?: WaitBudget | undefined;
  /** Ends the waiting, not the work, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How a result is looked up, and how it is made. */
export interface FlightWork<T> {
  /** The result where it is there already; cheap, and repeated while waiting. */
  look(): Promise<T | undefined>;
  /** Makes the result and stores it where `look` finds it. */
  act(): Promise<T>;
}

/**
 * Gives the result of the step, made by this process or by another.
 *
 * Throws `wait-timeout` naming the holder when the budget is spent, and whatever `look` and `act`
 * throw. Where there are no locks it warns once, and acts.
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

/**
 * Acts while no other process uses the same MFA device: its codes work once, and two roles of one
 * device must not ask at the same moment. Throws like {@linkcode singleFlight}.
 */
export async function deviceLock<T>(
  deps: FlightDeps,
  request: Omit<FlightRequest, "identity"> & { readonly serial: string },
  act: () => Promise<T>,
): Promise<T> {
  const identity = await hashCanonically(["aws-vault device 1", request.serial]);
  return await underLock(deps, { ...request, identity }, {
    look: () => Promise.resolve(undefined),
    act,
  });
}

async function underLock<T>(
  deps: FlightDeps,
  request: FlightRequest,
  work: FlightWork<T>,
): Promise<T> {
  const folder = stateFolder(deps);
  if (folder === undefined) return await work.act();
  const path = `${folder}/locks/${request.identity}`;
  const watch = new ResultWatch(deps, request, work.look, folder);
  const taken = await takeLock(deps, {
    path: `${path}.lock`,
    budget: request.budget ?? new WaitBudget(),
    signal: request.signal,
    whileWaiting: (waitedMs) => watch.check(waitedMs),
  });
  if (taken === "ended") return watch.result!;
  if (taken === "timeout") throw timeout(request, readHolder(deps.files, path));
  if (taken === "lockless") return await work.look() ?? await work.act();
  try {
    return await work.look() ?? await actAsHolder(deps, request, path, work.act);
  } finally {
    taken.release();
  }
}

async function actAsHolder<T>(
  deps: FlightDeps,
  request: FlightRequest,
  path: string,
  act: () => Promise<T>,
): Promise<T> {
  writeHolder(deps.files, path, { pid: deps.platform.pid, profile: request.profile });
  try {
    return await act();
  } finally {
    removeHolder(deps.files, path);
  }
}

/**
 * Looks for the result while another process works on it, so that all who wait have it at once and
 * need not be given the lock one by one; and tells the person who works.
 */
class ResultWatch<T> {
  result: T | undefined;
  #lookedAtMs = 0;
  #mark: string;
  #hasTold = false;
  readonly #deps: FlightDeps;
  readonly #request: FlightRequest;
  readonly #look: () => Promise<T | undefined>;
  readonly #folder: string;

  constructor(
    deps: FlightDeps,
    request: FlightRequest,
    look: () => Promise<T | undefined>,
    folder: string,
  ) {
    this.#deps = deps;
    this.#request = request;
    this.#look = look;
    this.#folder = folder;
    // Empty, so that the first check looks: the result may have come since the look before the lock.
    this.#mark = "";
  }

  /** Whether the result is there. */
  async check(waitedMs: number): Promise<boolean> {
    this.#tell(waitedMs);
    const mark = databaseMark(this.#deps.files, this.#folder);
    if (mark === this.#mark && waitedMs - this.#lookedAtMs < LOOK_AT_LEAST_EVERY_MS) return false;
    this.#mark = mark;
    this.#lookedAtMs = waitedMs;
    this.result = await this.#look();
    return this.result !== undefined;
  }

  #tell(waitedMs: number): void {
    if (this.#hasTold || waitedMs < QUIET_MS) return;
    this.#hasTold = true;
    const path = `${this.#folder}/locks/${this.#request.identity}`;
    this.#deps.talk.note(`Waiting for ${nameHolder(readHolder(this.#deps.files, path))}`);
  }
}

function timeout(request: FlightRequest, holder: Holder | undefined): VaultError {
  const message = `Cannot get credentials for ${quote(request.profile)}: ${nameHolder(holder)} ` +
    "has not finished in time";
  const end = holder ? `Answer the prompt of process ${holder.pid}, or end it` : undefined;
  const hints = ["Wait longer with --wait", ...(end ? [end] : [])].reverse();
  return new VaultError("wait-timeout", message, { hints });
}
