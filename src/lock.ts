/**
 * Locks between processes: one loop that waits, and one set of names.
 *
 * The kernel holds them (flock, LockFileEx) and frees them when their holder dies, also by SIGKILL.
 *
 * A process that holds one lock may wait for another only downwards in this list, so that no circle of
 * processes can form that wait for each other:
 *
 * 1. `key`: the stored keys of one name, in whatever keystore, with what a rotation of it has pending.
 *    Two names of one keystore (a link to its folder, two services over one wallet) therefore cannot
 *    give two locks to one key, and a move between keystores needs one lock.
 * 2. `store`: a keystore as a whole. Shared by all who hold a `key` of it; exclusive for a change of
 *    its passphrase.
 * 3. `session`: one cached result. A target's before its source's; an identity is a hash that contains
 *    its source's, so these cannot form a circle either.
 * 4. `device`: one MFA device, whose codes work once.
 * 5. `file`: one configuration file.
 * 6. `data-key`: the key that seals the cache.
 * 7. The lock of a back end on its own folder, for the time of one write.
 *
 * Of one kind several are taken in the order of their paths. The lock of a damaged session database that
 * is set aside (`src/cache/session_database.ts`) is tried once and never waited for.
 */

import { asClause } from "./text.ts";
import { hasCode, unlessFileFails, VaultError } from "./errors.ts";
import type { Host } from "./host.ts";
import { type FileLock, LockingUnsupported } from "./files.ts";
import {
  describeHolder,
  type Holder,
  readHolder,
  removeHolder,
  writeHolder,
} from "./lock_holder.ts";
import { stateFolder } from "./state_folder.ts";
import { type TalkingHost, warnOnce } from "./talk.ts";

/** What a lock in the state folder is about, in the order in which locks are taken. */
export type LockKind = "key" | "store" | "session" | "device" | "file" | "data-key";

/**
 * How long an invocation waits for others by default: the SDKs give up on `credential_process`
 * after 60 s.
 */
const DEFAULT_WAIT_MS = 55_000;

const LOCKLESS =
  "The file system of the state folder does not support locks: two processes may ask at the same time";

const SHORTEST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 100;
/** After this long the person learns what is waited for: with the start, within two seconds. */
const QUIET_MS = 1_500;

/** How long one invocation may wait for others, over all the locks that it takes. */
export class WaitBudget {
  #leftMs: number;

  constructor(waitMs: number = DEFAULT_WAIT_MS) {
    this.#leftMs = waitMs;
  }

  get leftMs(): number {
    return Math.max(this.#leftMs, 0);
  }

  spend(ms: number): void {
    this.#leftMs -= ms;
  }
}

/** What waiting for a lock needs. */
export type LockDeps = Pick<TalkingHost, "files" | "clock" | "random" | "platform" | "talk">;

/** A lock to be taken, and the words about it. */
export interface LockRequest<T = unknown> {
  /** Of the lock file, without `.lock`; `undefined` where no folder is known: then there is no lock. */
  readonly path: string | undefined;
  /** Used where no file can be made at `path`. */
  readonly otherPath?: string | undefined;
  /**
   * The beginning of the error when the wait ends without the lock: `Cannot get credentials for
   * "work"`.
   */
  readonly purpose: string;
  /** For whom the lock is held, for those who wait; `null`: held so briefly that nobody is named. */
  readonly profile?: string | null | undefined;
  /** Held together with others who share it, and with nobody else. */
  readonly isShared?: boolean | undefined;
  /** Whether a lock file that cannot be made is an error, and not only a missing lock. */
  readonly isRequired?: boolean | undefined;
  /** What is left of this invocation's patience; {@linkcode DEFAULT_WAIT_MS} when absent. */
  readonly budget?: WaitBudget | undefined;
  /** Ends the waiting, not the work, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The warning where the file system has no locks, shown once an invocation; the usual one when
   * absent.
   */
  readonly lockless?: string | undefined;
  /** Whether the lock's folder may be one that others use too, such as that of a store. */
  readonly isInSharedFolder?: boolean | undefined;
  /** What the person can do when the wait ends without the lock. */
  readonly hint?: string | undefined;
  /** Called after each failed attempt; a result ends the waiting without the lock. */
  readonly whileWaiting?: ((waitedMs: number) => Promise<T | undefined>) | undefined;
}

/** The path of a lock in the state folder, or `undefined` where there is no such folder. */
export async function lockPath(
  deps: Pick<Host, "env" | "platform">,
  kind: LockKind,
  ...subject: readonly string[]
): Promise<string | undefined> {
  const folder = stateFolder(deps);
  if (folder === undefined) return undefined;
  // A hash: a profile's name may hold a slash, and be longer than a file's name.
  const text = new TextEncoder().encode(JSON.stringify(subject));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", text)).toHex();
  return `${folder}/locks/${kind}-${hash}`;
}

/**
 * Acts while no other process holds the lock, and gives what `act` or `whileWaiting` gave.
 *
 * Throws `wait-timeout`, naming the holder, when the budget is spent. Where there are no locks it
 * warns once and acts: working twice is better than not working.
 */
export async function withLock<T>(
  deps: LockDeps,
  request: LockRequest<T>,
  act: () => T | Promise<T>,
): Promise<T> {
  const taken = await takeLock(deps, request);
  if ("result" in taken) return taken.result;
  try {
    return await actAsHolder(deps, request, taken.path, act);
  } finally {
    taken.lock?.release();
  }
}

/** Acts while no other process holds one of the locks, which are taken one after the other. */
export async function withLocks<T>(
  deps: LockDeps,
  [first, ...others]: readonly LockRequest<T>[],
  act: () => Promise<T>,
): Promise<T> {
  if (first === undefined) return await act();
  return await withLock(deps, first, () => withLocks(deps, others, act));
}

/** A lock with its path; neither where there are no locks here; or a result that made it needless. */
type Taken<T> =
  | { readonly lock?: FileLock; readonly path?: string }
  | { readonly result: T };

/**
 * Asks for the lock again and again until the budget is spent.
 *
 * Asking again, and not one long wait in the kernel: that cannot be cancelled and delays the exit of
 * the process (measured).
 */
async function takeLock<T>(deps: LockDeps, request: LockRequest<T>): Promise<Taken<T>> {
  const { path, budget = new WaitBudget() } = request;
  if (path === undefined) return {};
  const start = deps.clock.monotonicMs();
  let spentMs = 0;
  let isSaid = false;
  for (let attempt = 1;; attempt++) {
    const taken = tryLock(deps, { ...request, path });
    if (taken !== "held") return taken;
    if (attempt === 1) deps.talk.debug(() => `Waiting for the lock ${path}.lock`);
    const waitedMs = deps.clock.monotonicMs() - start;
    budget.spend(waitedMs - spentMs);
    spentMs = waitedMs;
    if (waitedMs >= QUIET_MS && !isSaid) {
      isSaid = true;
      // Also where notes are kept back: a program that waits silently seems to hang.
      deps.talk.insist(
        `Waiting for ${describeHolder(readHolder(deps.files, path))}; Ctrl-C stops waiting`,
      );
    }
    const result = await request.whileWaiting?.(waitedMs);
    if (result !== undefined) return { result };
    if (budget.leftMs <= 0) throw timedOut(request, readHolder(deps.files, path));
    const pauseMs = Math.min(pauseAfter(attempt, deps.random.fraction()), budget.leftMs);
    await deps.clock.sleep(pauseMs, request.signal);
  }
}

/** Spread at random, so that those who began to wait together do not ask together. */
function pauseAfter(attempt: number, fraction: number): number {
  const longest = Math.min(SHORTEST_PAUSE_MS * (attempt + 1), LONGEST_PAUSE_MS);
  return SHORTEST_PAUSE_MS + fraction * (longest - SHORTEST_PAUSE_MS);
}

/** One attempt, at the path or else at the other one. */
function tryLock(
  deps: LockDeps,
  request: LockRequest & { readonly path: string },
): { readonly lock?: FileLock; readonly path?: string } | "held" {
  const { path, otherPath, isShared } = request;
  try {
    makeFolder(deps, request);
    const lock = deps.files.tryLock(`${path}.lock`, { isShared });
    return lock ? { lock, path } : "held";
  } catch (error) {
    if (error instanceof LockingUnsupported) {
      warnOnce(deps.talk, request.lockless ?? LOCKLESS);
      return {};
    }
    if (!hasCode(error, "file-failed")) throw error;
    if (otherPath !== undefined) {
      return tryLock(deps, { ...request, path: otherPath, otherPath: undefined });
    }
    if (request.isRequired) throw error;
    reportLockless(deps, path, error);
    return {};
  }
}

/**
 * A lock file that is there and cannot be opened, as root leaves one behind, is nobody else's to report.
 * The code that writes into the folder reports that it cannot, and the consequences.
 */
function reportLockless({ files, talk }: LockDeps, path: string, { message }: VaultError): void {
  const isThere = unlessFileFails(() => files.info(`${path}.lock`, { followLinks: false }));
  if (isThere) warnOnce(talk, `Continuing without a lock: ${asClause(message)}`, path);
  else talk.debug(() => `Continuing without a lock: ${message}`);
}

/**
 * Anyone who can write into a folder of locks can remove a lock while it is held, so that it
 * protects nothing: that is reported, because nothing else here fails because of it.
 */
function makeFolder(deps: LockDeps, request: LockRequest & { readonly path: string }): void {
  const { path, otherPath, isInSharedFolder, isRequired } = request;
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  try {
    deps.files.makeFolder(folder, isInSharedFolder ? { shared: true } : {});
  } catch (error) {
    const isUnsafe = hasCode(error, "file-failed") &&
      deps.files.info(folder, { followLinks: false }) !== undefined;
    if (isUnsafe && otherPath === undefined && !isRequired) {
      warnOnce(deps.talk, `Continuing without locks: ${asClause(error.message)}`);
    }
    throw error;
  }
}

async function actAsHolder<T>(
  deps: LockDeps,
  { profile }: LockRequest<T>,
  path: string | undefined,
  act: () => T | Promise<T>,
): Promise<T> {
  if (path === undefined || profile === null) return await act();
  const holder = { pid: deps.platform.pid, profile };
  writeHolder(deps.files, path, holder);
  try {
    return await act();
  } finally {
    removeHolder(deps.files, path, holder);
  }
}

function timedOut(request: LockRequest, holder: Holder | undefined): VaultError {
  const message = `${request.purpose}: ${describeHolder(holder)} did not finish in time`;
  const end = holder ? [`Answer the prompt of process ${holder.pid}, or end it`] : [];
  const hints = [...end, request.hint ?? "Wait longer with --wait"];
  return new VaultError("wait-timeout", message, { hints });
}
