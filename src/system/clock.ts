import type { Clock } from "../host.ts";

/** The machine's clock and timers. */
export function systemClock(): Clock {
  return {
    now: () => Temporal.Now.instant(),
    monotonicMs: () => performance.now(),
    sleep,
  };
}

/** Waits with a timer that does not outlive the wait: a pending one would keep the process alive. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
