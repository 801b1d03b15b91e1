import process from "node:process";

/**
 * How many milliseconds of a processor an action takes, in steps of up to 10 ms. What other tests and programs do
 * beside it does not count, so that a bound holds on a busy machine, too. On Windows it is the time by the clock.
 */
export function processorMs(action: () => void): number {
  const clock = Deno.build.os === "windows" ? () => performance.now() : threadMs;
  const start = clock();
  action();
  return clock() - start;
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
