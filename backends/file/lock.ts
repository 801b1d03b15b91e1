import { type LockDeps, WaitBudget, withLock } from "../../src/lock.ts";
import { quote } from "../../src/text.ts";
import { type ChangeDeps, recover } from "./store_change.ts";

/** Longer than any write takes; changing the passphrase of a large store takes some seconds. */
const WAIT_MS = 30_000;

/**
 * Runs an action while no other process writes into the file store, after finishing or undoing what a
 * killed process left. Throws `wait-timeout` after 30 s.
 */
export async function whileWriting<T>(
  deps: LockDeps & ChangeDeps,
  folder: string,
  action: () => T | Promise<T>,
): Promise<T> {
  return await withFolderLock(deps, folder, async () => {
    recover(deps, folder);
    // aws-vault 7 takes the temporary files of killed writers for keys.
    deps.files.sweep(folder);
    return await action();
  });
}

/**
 * Acts while no other process writes into a store's folder, which is created if it is missing.
 *
 * The lock file is next to the folder, not in it: aws-vault 7 lists every file in the folder as a
 * key. If nothing can be created next to the folder, it is in it, under a name with a leading dot.
 * It is never removed, since a process that waits for it would then hold a lock on a deleted file.
 * Throws `wait-timeout` after 30 s.
 */
export async function withFolderLock<T>(
  deps: LockDeps,
  folder: string,
  act: () => Promise<T>,
): Promise<T> {
  deps.files.makeFolder(folder, { shared: true });
  return await withLock(deps, {
    path: folder,
    otherPath: `${folder}/`,
    purpose: `Cannot write to ${quote(folder)}`,
    profile: null,
    isRequired: true,
    isInSharedFolder: true,
    budget: new WaitBudget(WAIT_MS),
    // Each write is whole by itself; only a change of passphrase at the same moment needs the lock.
    lockless: `The file system of ${
      quote(folder)
    } does not support locks: write to it from one process at a time`,
    hint: "Try again when it has finished",
  }, act);
}
