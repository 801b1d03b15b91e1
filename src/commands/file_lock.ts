import { lockPath, withLock } from "../lock.ts";
import { quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { waitBudget } from "./wait_budget.ts";

/**
 * Acts while no other process of this machine edits the file for a profile: an edit reads it and writes
 * it whole, so that of two at once one would be lost. Throws `wait-timeout` when another takes longer
 * than may be waited.
 */
export async function withFileLock<T>(
  invocation: Invocation,
  file: { readonly path: string; readonly profile: string },
  act: () => T,
): Promise<T> {
  const { host } = invocation;
  return await withLock(host, {
    // One file has many names: relative ones, and links to it.
    path: await lockPath(host, "file", host.files.realPath(file.path) ?? file.path),
    purpose: `Cannot edit ${quote(file.path)}`,
    profile: file.profile,
    budget: waitBudget(invocation),
  }, act);
}
