/**
 * Locks between processes: one loop that waits, and one set of names.
 *
 * The kernel holds them (flock, LockFileEx) and frees them when their holder dies, also by SIGKILL.
 *
 * A process that holds one lock may wait only for one further down this list, so that processes cannot
 * deadlock:
 *
 * 1. `key`: the stored keys of one name, in every keystore, and the pending rotation of that name.
 *    Two names of one keystore (a link to its folder, two services over one wallet) therefore cannot
 *    give two locks to one key, and a move between keystores needs one lock.
 * 2. `store`: a whole keystore. Every holder of one of its `key` locks shares it; a change of its
 *    passphrase holds it exclusively.
 * 3. `session`: one cached result. A target's lock is taken before its source's; an identity is a hash
 *    that contains its source's identity, so these cannot deadlock either.
 * 4. `device`: one MFA device, whose codes work once.
 * 5. `file`: one configuration file.
 * 6. `data-key`: the key that seals the cache.
 * 7. The lock of a back end on its own folder, during one write.
 *
 * Several locks of one kind are taken in the order of their paths. The lock for setting aside a damaged
 * session database (`src/cache/session_database.ts`) is tried once and never waited for.
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
/** After this long the wait is reported to the person: within two seconds, start-up included. */
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

/** A lock to take, and the texts about it. */
export interface LockRequest<T = unknown> {
  /** The path of the lock file, without `.lock`; `undefined` if no folder is known: then there is no lock. */
  readonly path: string | undefined;
  /** Used if no file can be made at `path`. */
  readonly otherPath?: string | undefined;
  /**
   * The beginning of the error when the wait ends without the lock: `Cannot get credentials for
   * "work"`.
   */
  readonly purpose: string;
  /** The profile that the lock is held for, shown to waiting processes; `null`: too briefly to name one. */
  readonly profile?: string | null | undefined;
  /** Whether other processes that share the lock may hold it at the same time. */
  readonly isShared?: boolean | undefined;
  /** Whether it is an error, rather than just a missing lock, if the lock file cannot be made. */
  readonly isRequired?: boolean | undefined;
  /** What remains of this invocation's time to wait; {@linkcode DEFAULT_WAIT_MS} when absent. */
  readonly budget?: WaitBudget | undefined;
  /** Aborts the waiting, not the work, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The warning if the file system does not support locks, shown once per invocation; the usual one
   * when absent.
   */
  readonly lockless?: string | undefined;
  /** Whether others may use the lock's folder too, such as the folder of a store. */
  readonly isInSharedFolder?: boolean | undefined;
  /** What the person can do when the wait ends without the lock. */
  readonly hint?: string | undefined;
  /** Called after each failed attempt; a result ends the waiting without the lock. */
  readonly whileWaiting?: ((waitedMs: number) => Promise<T | undefined>) | undefined;
}

/** The path of a lock in the state folder, or `undefined` if there is no such folder. */
export async function lockPath(
  deps: Pick<Host, "env" | "platform">,
  kind: LockKind,
  ...subject: readonly string[]
): Promise<string | undefined> {
  const folder = stateFolder(deps);
  if (folder === undefined) return undefined;
  // A hash, since a profile's name may contain a slash and be longer than a file name can be.
  const text = new TextEncoder().encode(JSON.stringify(subject));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", text)).toHex();
  return `${folder}/locks/${kind}-${hash}`;
}

/**
 * Acts while no other process holds the lock, and returns the result of `act` or `whileWaiting`.
 *
 * Throws `wait-timeout`, naming the holder, when the budget is spent. If locks are not supported, it
 * warns once and acts: doing the work twice is better than not doing it.
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

/** Acts while no other process holds any of the locks, which are taken one after the other. */
export async function withLocks<T>(
  deps: LockDeps,
  [first, ...others]: readonly LockRequest<T>[],
  act: () => Promise<T>,
): Promise<T> {
  if (first === undefined) return await act();
  return await withLock(deps, first, () => withLocks(deps, others, act));
}

/** A lock with its path, or neither if locks are not supported, or a result that makes the lock unnecessary. */
type Taken<T> =
  | { readonly lock?: FileLock; readonly path?: string }
  | { readonly result: T };

/**
 * Tries to take the lock again and again until the budget is spent.
 *
 * Polling, because one long wait in the kernel cannot be cancelled and delays the exit of the process
 * (measured).
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
    const result = await request.whileWaiting?.(waitedMs);
    if (result !== undefined) return { result };
    if (budget.leftMs <= 0) throw timedOut(request, readHolder(deps.files, path));
    if (waitedMs >= QUIET_MS && !isSaid) {
      isSaid = true;
      // Shown even if notes are suppressed: a program that waits silently seems to hang.
      deps.talk.insist(
        `Waiting for ${describeHolder(readHolder(deps.files, path))}; Ctrl-C stops waiting`,
      );
    }
    const pauseMs = Math.min(pauseAfter(attempt, deps.random.fraction()), budget.leftMs);
    await deps.clock.sleep(pauseMs, request.signal);
  }
}

/** A random pause, so that processes that began to wait together do not retry together. */
function pauseAfter(attempt: number, fraction: number): number {
  const longest = Math.min(SHORTEST_PAUSE_MS * (attempt + 1), LONGEST_PAUSE_MS);
  return SHORTEST_PAUSE_MS + fraction * (longest - SHORTEST_PAUSE_MS);
}

/** One attempt, at `path` or else at `otherPath`. */
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
 * Reports a lock file that exists but cannot be opened, such as one that root left behind: no other code
 * does. A folder that cannot be written, and the consequences, are reported by the code that writes there.
 */
function reportLockless({ files, talk }: LockDeps, path: string, { message }: VaultError): void {
  const isThere = unlessFileFails(() => files.info(`${path}.lock`, { followLinks: false }));
  if (isThere) warnOnce(talk, `Continuing without a lock: ${asClause(message)}`, path);
  else talk.debug(() => `Continuing without a lock: ${message}`);
}

/**
 * Anyone who can write in a folder of locks can remove a lock while it is held, so that it
 * protects nothing. This is reported, because nothing else here would fail.
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
