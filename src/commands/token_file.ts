/**
 * The file with the token of a container credential endpoint (`--token-file`), which SDKs read for every
 * request: only this user can read it, and it is removed when the server ends.
 *
 * The server's process holds a lock beside it. The kernel frees the lock however the process ends, so that
 * the next server finds the file of a killed one.
 */

import { VaultError } from "../errors.ts";
import { type FileLock, LockingUnsupported } from "../files.ts";
import type { Host } from "../host.ts";
import type { Secret } from "../secret.ts";
import { stateFolder } from "../state_folder.ts";

type Deps = Pick<Host, "env" | "files" | "platform" | "random">;

/** The token file of a running server. */
export interface TokenFile {
  readonly path: string;
  remove(): void;
}

/** Writes the token (0600); throws `unsupported` if there is no state folder. */
export function openTokenFile(deps: Deps, token: Secret): TokenFile {
  const folder = tokenFolder(deps);
  if (folder === undefined) {
    throw new VaultError("unsupported", "Cannot write a token file: the home folder is unknown", {
      hints: ["Set HOME or AWS_VAULT_STATE_DIR"],
    });
  }
  const { files, random } = deps;
  files.makeFolder(folder);
  const path = `${folder}/${random.bytes(16).toHex()}`;
  const lock = tryLock(files, `${path}.lock`);
  files.writeWhole(path, token.reveal());
  return {
    path,
    remove() {
      files.remove(path);
      files.remove(`${path}.lock`);
      lock?.release();
    },
  };
}

/** Removes the token files of servers that were killed. */
export function removeLeftTokenFiles(deps: Deps): void {
  const folder = tokenFolder(deps);
  if (folder === undefined) return;
  const { files } = deps;
  for (const name of files.list(folder)) {
    if (!name.endsWith(".lock")) continue;
    const path = `${folder}/${name}`;
    const lock = tryLock(files, path);
    if (lock === undefined) continue;
    files.remove(path.slice(0, -".lock".length));
    files.remove(path);
    lock.release();
  }
  files.sweep(folder);
}

function tokenFolder(deps: Deps): string | undefined {
  const folder = stateFolder(deps);
  return folder && `${folder}/tokens`;
}

/** `undefined` if the lock is held or the file system does not support locks: then nothing is removed. */
function tryLock(files: Deps["files"], path: string): FileLock | undefined {
  try {
    return files.tryLock(path);
  } catch (error) {
    if (error instanceof LockingUnsupported) return undefined;
    throw error;
  }
}
