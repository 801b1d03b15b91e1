import { hasCode } from "../errors.ts";
import { type FileLock, type Host, LockingUnsupported } from "../host.ts";
import type { Talk } from "../talk.ts";

/** How long a run waits for others by default: the SDKs give up on `credential_process` after 60 s. */
export const DEFAULT_WAIT_MS = 55_000;

const SHORTEST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 100;

/** How long one run may wait for others, over all the locks that it takes. */
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
export type WaitingDeps = Pick<Host, "files" | "clock" | "random"> & { readonly talk: Talk };

/** A lock to be taken, and what is done between the attempts. */
export interface WaitingRequest {
  readonly path: string;
  readonly budget: WaitBudget;
  readonly signal?: AbortSignal | undefined;
  /** Called after each failed attempt with the time waited so far; true ends the waiting without the lock. */
  readonly whileWaiting?: ((waitedMs: number) => Promise<boolean>) | undefined;
}

/** The lock; or why there is none: `whileWaiting` ended it, the budget is spent, or there are no locks here. */
export type TakenLock = FileLock | "ended" | "timeout" | "lockless";

/**
 * Takes an OS lock, asking again until the budget is spent.
 *
 * Asking again, and not one long wait in the kernel: that cannot be cancelled and delays the exit of
 * the process (measured). Where there are no locks the caller goes on, because working twice is
 * better than not working.
 */
export async function takeLock(
  deps: WaitingDeps,
  request: WaitingRequest,
): Promise<TakenLock> {
  const start = deps.clock.monotonicMs();
  let spentMs = 0;
  for (let attempt = 1;; attempt++) {
    const lock = tryLock(deps, request.path);
    if (lock !== "held") return lock;
    const waitedMs = deps.clock.monotonicMs() - start;
    request.budget.spend(waitedMs - spentMs);
    spentMs = waitedMs;
    if (await request.whileWaiting?.(waitedMs)) return "ended";
    if (request.budget.leftMs <= 0) return "timeout";
    const pauseMs = Math.min(pauseAfter(attempt, deps.random.fraction()), request.budget.leftMs);
    await deps.clock.sleep(pauseMs, request.signal);
  }
}

/** Spread at random, so that those who began to wait together do not ask together. */
function pauseAfter(attempt: number, fraction: number): number {
  const longest = Math.min(SHORTEST_PAUSE_MS * (attempt + 1), LONGEST_PAUSE_MS);
  return SHORTEST_PAUSE_MS + fraction * (longest - SHORTEST_PAUSE_MS);
}

function tryLock(deps: WaitingDeps, path: string): FileLock | "held" | "lockless" {
  try {
    deps.files.makeFolder(path.slice(0, path.lastIndexOf("/")));
    return deps.files.tryLock(path) ?? "held";
  } catch (error) {
    if (error instanceof LockingUnsupported) {
      warnOnce(
        deps.talk,
        "The state folder's file system knows no locks: two runs may ask at once",
      );
      return "lockless";
    }
    if (!hasCode(error, "file-failed")) throw error;
    // The cache says that the folder cannot be written, and what follows from it.
    deps.talk.debug(() => `Going on without a lock: ${error.message}`);
    return "lockless";
  }
}

const warned = new WeakMap<Talk, Set<string>>();

/** Warns, but not again of the same in one run. */
export function warnOnce(talk: Talk, text: string): void {
  const said = warned.get(talk) ?? new Set();
  if (said.has(text)) return;
  warned.set(talk, said.add(text));
  talk.warn(text);
}
