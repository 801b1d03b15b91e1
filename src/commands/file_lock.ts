import { lockPath, withLock } from "../lock.ts";
import { quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { waitBudget } from "./wait_budget.ts";

/**
 * Acts while no other process of this machine edits the file for a profile: an edit reads and rewrites the
 * whole file, so that one of two concurrent edits would be lost. Throws `wait-timeout` when another
 * takes longer than the permitted wait.
 */
export async function withFileLock<T>(
  invocation: Invocation,
  file: { readonly path: string; readonly profile: string },
  act: () => T,
): Promise<T> {
  const { host } = invocation;
  return await withLock(host, {
    // One file has many names, such as relative paths and links.
    path: await lockPath(host, "file", host.files.realPath(file.path) ?? file.path),
    purpose: `Cannot edit ${quote(file.path)}`,
    profile: file.profile,
    budget: waitBudget(invocation),
  }, act);
}
