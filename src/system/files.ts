import { hasCode, VaultError } from "../errors.ts";
import { type FileInfo, type FileLock, type Files, LockingUnsupported } from "../files.ts";
import { quote } from "../text.ts";
import { failureReason, FileRefusal, isMissing, knowsNoLocks } from "./file_failure.ts";
import { requireTrustedWay, wayTo } from "./folder_links.ts";
import { openLockFile } from "./lock_file.ts";
import { readParts, stampOf } from "./file_parts.ts";
import { readPlainFile } from "./plain_file.ts";
import { privacyOf } from "./private_place.ts";
import { InheritedDescriptors } from "./inherited_descriptors.ts";
import { setMode } from "./set_mode.ts";
import { wholeFiles } from "./whole_file.ts";

/** The files of this machine. */
export function systemFiles(): Files {
  const whole = wholeFiles();
  const descriptors = new InheritedDescriptors((path) =>
    attempt("read", path, () => readPlainFile(path))
  );
  return {
    readText,
    readBytes: (path) => unlessMissing("read", path, () => readPlainFile(path)),
    stamp: (path, least) => attempt("read", path, () => stampOf(path, least)),
    readParts: (path, stamp, places) => attempt("read", path, () => readParts(path, stamp, places)),
    readDescriptor: (descriptor) => descriptors.read(descriptor),
    closeDescriptor: (descriptor) => descriptors.close(descriptor),
    writeWhole: (path, content, options) =>
      attempt("write", path, () => whole.write(path, content, options)),
    append: (path, text) => attempt("write", path, () => append(path, text)),
    sweep: (folder) => attempt("write in", folder, () => whole.sweep(folder)),
    leftovers: (folder) => attempt("read", folder, () => whole.leftovers(folder)),
    setMode: (path, mode) => attempt("set the mode of", path, () => setMode(path, mode)),
    makeFolder,
    info,
    realPath: (path) => unlessMissing("read", path, () => Deno.realPathSync(path)),
    wayTo: (path) => Deno.build.os === "windows" ? [] : attempt("read", path, () => wayTo(path)),
    list,
    rename,
    remove,
    tryLock,
  };
}

function readText(path: string): string | undefined {
  const bytes = unlessMissing("read", path, () => readPlainFile(path));
  // A BOM is kept in the text, so that an edit of the file can write it back.
  return bytes && new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** How often another process may make the file or set it aside at the same moment. */
const APPEND_ATTEMPTS = 20;

/** Retries if somebody else makes the file or moves it away: a line of a record must not be lost. */
function append(path: string, text: string): void {
  for (let attempt = 1;; attempt++) {
    try {
      return appendOnce(path, text);
    } catch (error) {
      const isElsewhere = error instanceof Deno.errors.AlreadyExists ||
        error instanceof Deno.errors.NotFound || error instanceof Replaced;
      if (!isElsewhere || attempt === APPEND_ATTEMPTS) throw error;
    }
  }
}

/** The opened file is not the one that was examined. */
class Replaced extends FileRefusal {}

/**
 * Does not follow a link or wait for a pipe: the file examined first must be the file that was opened, so
 * that nobody can swap it in between.
 */
function appendOnce(path: string, text: string): void {
  const before = unlessMissing("read", path, () => Deno.lstatSync(path));
  if (before !== undefined && !before.isFile) {
    throw new FileRefusal(before.isSymlink ? "it is a symbolic link" : "it is not a plain file");
  }
  using file = before === undefined
    ? Deno.openSync(path, { append: true, createNew: true, mode: 0o600 })
    : Deno.openSync(path, { append: true });
  const opened = file.statSync();
  if (before !== undefined && (opened.ino !== before.ino || opened.dev !== before.dev)) {
    throw new Replaced("it was replaced by another file in the meantime");
  }
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

function makeFolder(path: string, { shared = false } = {}): void {
  attempt("create the folder", path, () => {
    requireTrustedWay(path);
    try {
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      // A folder that exists is not an error here.
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      throw new FileRefusal("what is there is not a folder");
    }
  });
  if (shared) return;
  const privacy = attempt("read", path, () => privacyOf(path, "folder"));
  if (typeof privacy === "string") return;
  throw new VaultError("file-failed", `Cannot use the folder ${quote(path)}: ${privacy.reason}`);
}

function info(path: string, { followLinks = true } = {}): FileInfo | undefined {
  const look = followLinks ? Deno.statSync : Deno.lstatSync;
  const found = unlessMissing("read", path, () => look(path));
  return found && {
    kind: kindOf(found),
    mode: found.mode === null || Deno.build.os === "windows" ? undefined : found.mode & 0o7777,
    get isOwn() {
      return isOf(found, Deno.uid());
    },
    get isTrusted() {
      return isOf(found, 0) || isOf(found, Deno.uid()) || isOfHiddenRoot(found);
    },
    size: found.size,
    // Made on request: the first Temporal value of a process costs 0.3 ms.
    get modified() {
      return found.mtime?.toTemporalInstant();
    },
  };
}

function isOf({ uid }: Deno.FileInfo, user: number | null): boolean {
  return uid === null || user === null || uid === user;
}

/** The kernel's user id for a user without one in a user namespace (`/proc/sys/kernel/overflowuid`). */
const OVERFLOW_USER = 65_534;

/** In a user namespace (user_namespaces(7)) the owner of root's system folders may have no user id. */
function isOfHiddenRoot({ uid }: Deno.FileInfo): boolean {
  if (uid !== OVERFLOW_USER || Deno.build.os !== "linux") return false;
  try {
    return !/^\s*0\s+0\s+4294967295\s*$/.test(Deno.readTextFileSync("/proc/self/uid_map"));
  } catch {
    return false;
  }
}

function kindOf(found: Deno.FileInfo): FileInfo["kind"] {
  if (found.isSymlink) return "link";
  return found.isFile ? "file" : found.isDirectory ? "folder" : "other";
}

function list(path: string): string[] {
  const entries = unlessMissing("read", path, () => [...Deno.readDirSync(path)]);
  return (entries ?? []).map((entry) => entry.name);
}

function rename(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (cause) {
    throw failed(`Cannot rename ${quote(from)} to ${quote(to)}`, cause);
  }
}

function remove(path: string): boolean {
  return unlessMissing("remove", path, () => {
    Deno.removeSync(path);
    return true;
  }) ?? false;
}

function tryLock(path: string, options?: { isShared?: boolean | undefined }): FileLock | undefined {
  const file = attempt("open", path, () => openLockFile(path));
  try {
    if (file.tryLockSync(options?.isShared !== true)) return { release: () => unlock(file) };
  } catch (cause) {
    file.close();
    if (knowsNoLocks(cause)) {
      throw new LockingUnsupported(`The file system of ${quote(path)} does not support locks`, {
        cause,
      });
    }
    throw failed(`Cannot lock ${quote(path)}`, cause);
  }
  file.close();
  return undefined;
}

/**
 * Unlocks explicitly on Unix: a child that another thread has just forked has the descriptor too, and would
 * hold the lock until its execve. On Windows no child has it, and wine refuses to unlock.
 */
function unlock(file: Deno.FsFile): void {
  try {
    if (Deno.build.os !== "windows") file.unlockSync();
  } finally {
    file.close();
  }
}

function unlessMissing<T>(verb: string, path: string, action: () => T): T | undefined {
  return attempt(verb, path, () => {
    try {
      return action();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  });
}

function attempt<T>(verb: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (hasCode(cause, "unsafe-file")) throw cause;
    throw failed(`Cannot ${verb} ${quote(path)}`, reasonOf(path, cause));
  }
}

function reasonOf(path: string, cause: unknown): unknown {
  return isDeniedFolder(path, cause) ? new FileRefusal("it is a folder") : cause;
}

/** Windows reports denied access for a folder that is opened as a file. */
function isDeniedFolder(path: string, cause: unknown): boolean {
  if (Deno.build.os !== "windows" || failureReason(cause) !== "permission denied") return false;
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function failed(what: string, cause: unknown): VaultError {
  return new VaultError("file-failed", `${what}: ${failureReason(cause)}`, { cause });
}
