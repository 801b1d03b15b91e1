import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { isMissing } from "./file_failure.ts";

/** How often others may replace the file while it is opened. */
const MOST_TRIES = 8;

/**
 * Opens a lock file, made when missing, and nothing else: throws `unsafe-file` for a link, through which
 * another file would be made or locked, and for a pipe or device, which may block the open forever.
 *
 * The examined and the opened file are compared, since a lock may be in a folder that others can write
 * (beside a shared password store). Others can hold such a lock too; that costs a bounded wait.
 */
export function openLockFile(path: string): Deno.FsFile {
  for (let triesLeft = MOST_TRIES;; triesLeft--) {
    const file = openOnce(path);
    if (file !== undefined) return file;
    if (triesLeft === 1) throw unsafe(path, "it is replaced repeatedly");
  }
}

/** One attempt; `undefined` if the file was made or replaced in the meantime. */
function openOnce(path: string): Deno.FsFile | undefined {
  const found = unlessMoved(() => Deno.lstatSync(path));
  if (found === undefined) {
    return unlessMade(() => Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }));
  }
  if (!found.isFile) {
    const what = found.isSymlink ? "a symbolic link" : found.isDirectory ? "a folder" : "a device";
    throw unsafe(path, `it is ${found.isFifo ? "a pipe" : what} and not a plain file`);
  }
  const file = unlessMoved(() => Deno.openSync(path, { write: true }));
  if (file === undefined || isSame(file.statSync(), found)) return file;
  file.close();
  return undefined;
}

/** Whether both are the same file; Windows gives no numbers to compare. */
function isSame(a: Deno.FileInfo, b: Deno.FileInfo): boolean {
  return Deno.build.os === "windows" || a.isFile && a.dev === b.dev && a.ino === b.ino;
}

function unlessMoved<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function unlessMade<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  }
}

function unsafe(path: string, reason: string): VaultError {
  return new VaultError("unsafe-file", `Cannot use the lock file ${quote(path)}: ${reason}`, {
    hints: ["aws-vault does not create such a thing: find out who put it there, and remove it"],
  });
}
