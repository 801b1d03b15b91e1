/**
 * Replacing files by descriptor: the folder is opened once, and what is done in it is done to what was
 * opened. By paths, who can write in the folder (or above it) could put a link in place of the
 * temporary file between two steps, and mode and owner of any file would change: root's under sudo.
 *
 * The writer holds a lock (flock) on its temporary file for as long as it lives. So one whose lock
 * can be taken was left by a writer that was killed, and the next writer there removes it: it may
 * hold plain keys.
 */

import { type FileCalls, OPEN_FLAGS } from "./ffi/file_calls.ts";
import { SystemFailure } from "./file_failure.ts";
import { type Attributes, isOld, type ReplacingFolder, temporaryName } from "./replacing_folder.ts";

const { O_WRONLY, O_NONBLOCK, O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY, O_CLOEXEC } = OPEN_FLAGS;

/** How often another name is tried when somebody takes the temporary file for a dead one's. */
const MOST_TRIES = 8;

/** A temporary file that is held open and locked. */
interface Temporary {
  readonly name: string;
  readonly descriptor: number;
}

/** Opens a folder by its path. */
export function openDescriptorFolder(calls: FileCalls, path: string): ReplacingFolder {
  const folder = checked(calls, () => calls.open(path, O_DIRECTORY | O_CLOEXEC));
  return {
    info: () => infoOf(folder),
    // Only Linux leads through a descriptor to what is in the folder.
    path: () =>
      Deno.build.os === "linux" && infoOf(folder) !== undefined ? `/dev/fd/${folder}` : undefined,
    replace: (name, bytes, attributes) => replace(calls, folder, name, bytes, attributes),
    isDead: (name) =>
      withTemporary(calls, folder, name, (opened) => isDead(calls, opened, path + name)),
    removeDead: (name) =>
      withTemporary(calls, folder, name, (opened) => {
        if (isDead(calls, opened, path + name)) calls.unlinkat(folder, name);
      }),
    [Symbol.dispose]: () => void calls.close(folder),
  };
}

function replace(
  calls: FileCalls,
  folder: number,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  attributes: Attributes,
): void {
  const temporary = make(calls, folder);
  try {
    fill(calls, temporary.descriptor, bytes);
    setAttributes(calls, temporary.descriptor, attributes);
    checked(calls, () => calls.fsync(temporary.descriptor));
    checked(calls, () => calls.renameat(folder, temporary.name, name));
  } catch (error) {
    calls.unlinkat(folder, temporary.name);
    throw error;
  } finally {
    calls.close(temporary.descriptor);
  }
  // Makes the rename itself last. The content is in place: a failure now would say something wrong.
  calls.fsync(folder);
}

/** Makes and locks a file of this process's own. */
function make(calls: FileCalls, folder: number): Temporary {
  for (let triesLeft = MOST_TRIES;; triesLeft--) {
    const name = temporaryName();
    const flags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC;
    const descriptor = checked(calls, () => calls.openat(folder, name, flags, 0o600));
    if (isOurs(calls, folder, { name, descriptor })) return { name, descriptor };
    calls.close(descriptor);
    if (triesLeft === 1) throw new SystemFailure("EBUSY");
  }
}

/** Whether nobody took the file for a dead one's in the moment before it was locked. */
function isOurs(calls: FileCalls, folder: number, { name, descriptor }: Temporary): boolean {
  const isLocked = calls.flock(descriptor) === 0;
  if (!isLocked && calls.failure() === "EWOULDBLOCK") return false;
  return calls.faccessat(folder, name) === 0;
}

function fill(calls: FileCalls, descriptor: number, bytes: Uint8Array<ArrayBuffer>): void {
  for (let at = 0; at < bytes.length;) {
    at += checked(calls, () => calls.write(descriptor, bytes.subarray(at)));
  }
}

/**
 * The owner first: giving a file away takes bits of its mode.
 *
 * A user who is not root cannot keep the owner of somebody else's file, and perhaps not its group;
 * then the group's rights go, since they would be another group's.
 */
function setAttributes(
  calls: FileCalls,
  descriptor: number,
  { mode, user, group }: Attributes,
): void {
  const isKept = user === undefined && group === undefined ||
    calls.fchown(descriptor, user, group) === 0 ||
    calls.fchown(descriptor, undefined, group) === 0;
  checked(calls, () => calls.fchmod(descriptor, isKept ? mode : mode & ~0o070));
}

/** Links are not followed and pipes not waited for: the name may be anybody's. */
function withTemporary<T>(
  calls: FileCalls,
  folder: number,
  name: string,
  act: (descriptor: number) => T,
): T {
  const flags = O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
  const descriptor = checked(calls, () => calls.openat(folder, name, flags, 0));
  try {
    return act(descriptor);
  } finally {
    calls.close(descriptor);
  }
}

/** Where the file system does not support locks, only its age says it. */
function isDead(calls: FileCalls, descriptor: number, path: string): boolean {
  if (calls.flock(descriptor) === 0) return true;
  return calls.failure() !== "EWOULDBLOCK" && isOld(Deno.lstatSync(path));
}

/** Linux and macOS give by this name what the descriptor stands for, and not what its path leads to now. */
function infoOf(descriptor: number): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(`/dev/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

/** The result of a call, made again after an interruption by a signal. */
function checked(calls: FileCalls, call: () => number): number {
  while (true) {
    const result = call();
    if (result >= 0) return result;
    const failure = calls.failure();
    if (failure !== "EINTR") throw new SystemFailure(failure);
  }
}
