import type { Unlocked } from "../../src/backend.ts";
import { VaultError } from "../../src/errors.ts";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import { Progress } from "../../src/progress.ts";
import { isShared, kekCache, unlessForbidden } from "./kek_cache.ts";
import type { FileKeyringDeps, FileKeyringOptions } from "./keyring.ts";
import { fileStore } from "./store.ts";
import { fileUnlock } from "./unlock.ts";

/**
 * Unlocks a file store in this login session at the person's request: the data key of the session
 * cache, or all items.
 *
 * Throws `unsupported` where nothing can outlast the process. If there is nothing to unlock, it asks
 * nothing.
 */
export async function unlockStore(
  deps: FileKeyringDeps,
  options: FileKeyringOptions,
  { all, seconds }: { readonly all: boolean; readonly seconds: number },
): Promise<Unlocked> {
  const kernel = await deps.native?.kernelKeys();
  const shared = kernel && unlessForbidden(() => isShared(kernel));
  const cache = kekCache(deps, { seconds, evenShared: all });
  if (shared === undefined || cache === undefined) throw cannotKeep();
  const store = fileStore(deps.files, options.folder, deps.platform.os);
  const keys = store.keys().filter((key) => all || key === DATA_KEY_NAME);
  if (keys.length === 0) return { count: 0, locked: 0, shared, seconds };
  const unlock = fileUnlock(deps, store, { ...options, cache });
  await unlock.obtainForWriting();
  const progress = new Progress(deps, { total: keys.length, nouns: "items" });
  let count = 0;
  for (const key of keys) {
    if (await unlock.keepUnlocked(key)) count++;
    progress.step();
  }
  return { count, locked: keys.length - count, shared, seconds };
}

function cannotKeep(): VaultError {
  return new VaultError(
    "unsupported",
    "Cannot keep the file store unlocked: this needs Linux, and access to the kernel's keys",
    { hints: ["Use --passphrase-command or AWS_VAULT_FILE_PASSPHRASE"] },
  );
}
