/**
 * An address where nothing listens.
 *
 * Not a port that was closed just now: a child that another test has just forked listens at it until its
 * execve, and the next listener of another test may get it. Nobody gets a port below 1024 by chance, and
 * `fetch` sends nothing to port 1.
 */
export const CLOSED_URL = "http://127.0.0.1:2/";

/** How long a child may take from its fork to its execve. */
const MOST_MS = 30_000;

/** Waits until nobody listens any more: a child that was just forked may do so until its execve. */
export async function untilClosed(port: number): Promise<void> {
  const start = performance.now();
  while (await isOpen(port)) {
    if (performance.now() - start > MOST_MS) throw new Error(`somebody listens at port ${port}`);
  }
}

async function isOpen(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
