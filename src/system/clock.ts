import { VaultError } from "../errors.ts";
import type { Clock } from "../host.ts";

/** The machine's clock and timers. */
export function systemClock(): Clock {
  return {
    now,
    monotonicMs: () => performance.now(),
    sleep,
  };
}

function now(): Temporal.Instant {
  try {
    return Temporal.Now.instant();
  } catch (cause) {
    const message = "Cannot use this machine's clock: its time is out of range";
    throw new VaultError("unsupported", message, { hints: ["Set the clock"], cause });
  }
}

/** Waits with a timer that ends with the wait: a pending timer would keep the process alive. */
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
