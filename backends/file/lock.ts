import { hasCode, VaultError } from "../../src/errors.ts";
import { type FileLock, type Host, LockingUnsupported } from "../../src/host.ts";
import type { Talk } from "../../src/talk.ts";
import { quote } from "../../src/text.ts";
import type { FileStore } from "./store.ts";

/** Longer than anybody writes; a change of the passphrase of a large store takes some seconds. */
const WAIT_MS = 30_000;

type LockDeps = Pick<Host, "files" | "clock" | "random"> & { readonly talk: Talk };

/**
 * Runs an action while no other process writes into the file store, after finishing or undoing what a
 * killed one left.
 *
 * The lock file stands beside the folder, not in it: the other aws-vault lists every file in there as
 * a key. Where nothing may be made beside the folder it stands in it, under a name with a dot. It is
 * never removed, since whoever waits for it would then hold a lock on a file that is gone. Throws
 * `wait-timeout` after 30 s.
 */
export async function whileWriting<T>(
  deps: LockDeps,
  store: FileStore,
  action: () => T | Promise<T>,
): Promise<T> {
  deps.files.makeFolder(store.folder, { shared: true });
  const lock = await waitForLock(deps, store.folder);
  try {
    store.recover();
    store.sweep();
    return await action();
  } finally {
    lock?.release();
  }
}

/** The lock beside a folder (or in it), waited for; `undefined` where the file system knows none. */
export async function waitForLock(
  deps: LockDeps,
  folder: string,
): Promise<FileLock | undefined> {
  const end = deps.clock.monotonicMs() + WAIT_MS;
  while (true) {
    try {
      const lock = tryEither(deps, folder);
      if (lock) return lock;
    } catch (error) {
      if (!(error instanceof LockingUnsupported)) throw error;
      // Each write is whole by itself; only a change of passphrase at the same moment needs the lock.
      deps.talk.warn(
        `The file system of ${
          quote(folder)
        } knows no locks: write to it from one process at a time`,
      );
      return undefined;
    }
    if (deps.clock.monotonicMs() > end) {
      throw new VaultError(
        "wait-timeout",
        `Cannot write to ${quote(folder)}: another process has been writing to it for 30 s`,
      );
    }
    await deps.clock.sleep(5 + 25 * deps.random.fraction());
  }
}

function tryEither(deps: Pick<Host, "files">, folder: string): FileLock | undefined {
  try {
    return deps.files.tryLock(folder + ".lock");
  } catch (error) {
    if (!hasCode(error, "file-failed")) throw error;
    return deps.files.tryLock(folder + "/.lock");
  }
}
