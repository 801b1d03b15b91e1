/** Many processes that wait for one of them. */

import type { Launched } from "./launch.ts";

/**
 * Starts so many processes, of which all but the first to come wait for a lock (they say it with `--debug`).
 *
 * The person thinks for as long as it takes to start them all; who waits is stopped for so long, and does not
 * take the processor from those who start. The caller continues them (SIGCONT).
 */
export async function startWaiting(
  count: number,
  start: (i: number) => Launched,
): Promise<Launched[]> {
  const children: Launched[] = [];
  while (children.length < count) {
    const next = Array.from({ length: Math.min(20, count) }, (_, i) => start(i));
    const waiting = next.map(async (child) => {
      await child.untilSaid("Waiting for the lock");
      child.kill("SIGSTOP");
    });
    await settleMost(waiting, children.length === 0 ? next.length - 1 : next.length);
    children.push(...next);
  }
  return children;
}

/** Waits until so many of the promises are fulfilled. */
function settleMost(promises: readonly Promise<void>[], count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let left = count;
  for (const one of promises) one.then(() => --left === 0 && resolve(), reject);
  return promise;
}
