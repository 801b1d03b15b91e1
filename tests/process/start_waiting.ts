/** Many processes that wait for one of them. */

import type { Home } from "../home.ts";
import type { Launched } from "./launch.ts";

/** How many are started side by side. */
const BATCH = 25;

/**
 * Starts so many processes, of which all but the first to come wait for a lock (they say it with `--debug`).
 *
 * The person thinks for as long as it takes to start them all; who waits is stopped for so long, and does not
 * take the processor from those who start. The caller continues them (SIGCONT).
 */
export async function startWaiting(
  home: Home,
  count: number,
  start: (i: number) => Launched,
): Promise<Launched[]> {
  const children: Launched[] = [];
  while (children.length < count) {
    const next = Array.from({ length: Math.min(BATCH, count) }, (_, i) => start(i));
    const waiting = next.map(async (child) => {
      await child.untilSaid("Waiting for the lock");
      await stop(child, home);
    });
    await settleMost(waiting, children.length === 0 ? next.length - 1 : next.length);
    children.push(...next);
  }
  return children;
}

/** Stops a process while it reads nothing of the session database: the others would wait for it in vain. */
async function stop(child: Launched, home: Home): Promise<void> {
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  for (;;) {
    child.kill("SIGSTOP");
    while (!isStopped(child.pid)) await turn();
    if (!isReading(child.pid, home)) return;
    child.kill("SIGCONT");
    await turn();
  }
}

/** The signal has been sent when the call returns, and arrives a little later. */
function isStopped(pid: number): boolean {
  if (Deno.build.os !== "linux") return true;
  return / T \d+ /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

/** SQLite's locks are POSIX locks, which the kernel of Linux lists by process and file. */
function isReading(pid: number, home: Home): boolean {
  if (Deno.build.os !== "linux") return false;
  const { ino } = Deno.statSync(`${home.path}/.awsvault/state/sessions.db`);
  const lock = new RegExp(`POSIX .* ${pid} [0-9a-f:]+:${ino} `);
  return lock.test(Deno.readTextFileSync("/proc/locks"));
}

/** Waits until so many of the promises are fulfilled. */
function settleMost(promises: readonly Promise<void>[], count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let left = count;
  for (const one of promises) one.then(() => --left === 0 && resolve(), reject);
  return promise;
}
