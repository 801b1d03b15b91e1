/**
 * Replaces files by descriptor: the folder is opened once, and every step acts on that opened folder. With
 * paths, anyone who can write in the folder (or above it) could put a link in place of the temporary
 * file between two steps, and so change the mode and owner of any file: root's under sudo.
 *
 * The writer holds a lock (flock) on its temporary file as long as it lives. A file whose lock can be
 * taken was left by a killed writer, and the next writer removes it: it may hold keys in plain text.
 */

import { type FileCalls, OPEN_FLAGS } from "./ffi/file_calls.ts";
import { SystemFailure } from "./file_failure.ts";
import { type Attributes, isOld, type ReplacingFolder, temporaryName } from "./replacing_folder.ts";

const { O_WRONLY, O_NONBLOCK, O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY, O_CLOEXEC } = OPEN_FLAGS;

/** How often another name is tried when somebody takes the temporary file for a dead writer's. */
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
    // Only on Linux can a path lead through a descriptor into the folder.
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
  // Makes the rename durable. The content is in place, so reporting a failure here would be wrong.
  calls.fsync(folder);
}

/** Makes and locks a new temporary file for this process. */
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

/** Whether nobody took the file for a dead writer's before it was locked. */
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
 * Sets the owner first, because a change of owner clears bits of the mode.
 *
 * Without root the owner of somebody else's file cannot be kept, and perhaps not its group; then
 * the group's permissions are removed, since they would apply to another group.
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

/** Does not follow links or wait for pipes: anybody may have made a file of this name. */
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
    // A child that another thread has just forked would hold the lock until its execve: a living writer's.
    calls.unlock(descriptor);
    calls.close(descriptor);
  }
}

/** Whether the writer is dead; if the file system does not support locks, only the file's age shows it. */
function isDead(calls: FileCalls, descriptor: number, path: string): boolean {
  if (calls.flock(descriptor) === 0) return true;
  return calls.failure() !== "EWOULDBLOCK" && isOld(Deno.lstatSync(path));
}

/** On Linux and macOS this path shows the opened file itself, not what its own path leads to now. */
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
