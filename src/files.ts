/** Files, folders and the system's locks on them. */

/** What is at a path. */
export interface FileInfo {
  /** `link`: a symbolic link, only if links are not followed. */
  readonly kind: "file" | "folder" | "link" | "other";
  /** Permission bits, such as 0o600; `undefined` on Windows. */
  readonly mode: number | undefined;
  /** Whether this user owns it; true if the system has no user ids. */
  readonly isOwn: boolean;
  /** Whether this user or root owns it; true if the system has no user ids. */
  readonly isTrusted: boolean;
  readonly size: number;
  readonly modified: Temporal.Instant | undefined;
}

/**
 * Files and folders. Failures are `VaultError` `file-failed` with the path in the message and the
 * system's error as cause. A missing file is not a failure if the result can express it.
 */
export interface Files {
  /** The text (UTF-8; invalid bytes become U+FFFD), or `undefined` if there is no such file. */
  readText(path: string): string | undefined;
  /** The bytes, or `undefined` if there is no such file. */
  readBytes(path: string): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Identifies the content of a plain file: an equal stamp means that every byte is equal.
   *
   * `undefined` for a file of fewer bytes than `least`, on Windows, whose files do not record the time of
   * their last change, and within two seconds of the last change, since another change may leave the
   * same times.
   */
  stamp(path: string, least: number): FileStamp | undefined;
  /** The text (ASCII) at places of a file, joined; `undefined` if its content has another stamp. */
  readParts(
    path: string,
    stamp: string,
    places: readonly { readonly at: number; readonly length: number }[],
  ): string | undefined;
  /** Reads an inherited descriptor to its end (`--passphrase-fd`); the same bytes each time, also once closed. */
  readDescriptor(descriptor: number): Uint8Array<ArrayBuffer>;
  /** Closes an inherited descriptor, so that a child does not inherit it; the standard streams stay. */
  closeDescriptor(descriptor: number): Promise<void>;
  /**
   * Replaces the whole file, or leaves it as it was: a temporary file beside it (mode 0600), fsync,
   * rename, fsync of the folder. The mode of an existing file is kept unless one is given; a new file
   * gets `mode`, 0600 by default. A symbolic link is followed and kept, unless `followLinks` is false:
   * then the file replaces the link, and the link's target stays as it is.
   */
  writeWhole(path: string, content: string | Uint8Array, options?: WriteOptions): void;
  /** Adds text to the end of a file in one write; a missing file is made with mode 0600. */
  append(path: string, text: string): void;
  /**
   * Removes the temporary files that killed writers left in a folder, which can hold the whole content of
   * the file; never one of a living writer. {@linkcode writeWhole} does this by itself.
   */
  sweep(folder: string): void;
  /**
   * Makes the folder and missing parents, with mode 0700. An existing folder must belong to this user, must
   * not be a link, and must not be writable by others, unless it may be `shared`.
   */
  makeFolder(path: string, options?: { shared?: boolean }): void;
  /**
   * What is at the path, or `undefined` if nothing is. Symbolic links are followed unless
   * `followLinks` is false.
   */
  info(path: string, options?: { followLinks?: boolean }): FileInfo | undefined;
  /** The absolute path without symbolic links, or `undefined` if nothing is there. */
  realPath(path: string): string | undefined;
  /**
   * Every path that the system visits on the way to a path: the folders above it, the path itself, and the
   * targets of symbolic links. Only what exists; none on Windows.
   */
  wayTo(path: string): string[];
  /** The names in a folder, unsorted; empty if there is no such folder. */
  list(path: string): string[];
  /** The names of what {@linkcode Files.sweep} would remove from a folder. */
  leftovers(folder: string): string[];
  /** Sets the permission bits of a file or folder; a symbolic link is refused. Not on Windows. */
  setMode(path: string, mode: number): void;
  rename(from: string, to: string): void;
  /** Removes a file or an empty folder, and says whether there was one. */
  remove(path: string): boolean;
  /**
   * Takes the OS lock (flock, LockFileEx) on a file, made when missing and never removed: exclusive,
   * or with `isShared` one that others may share.
   *
   * Gives `undefined` when another process or handle holds it. Throws `LockingUnsupported` if the file
   * system does not support locks (ENOLCK, ENOTSUP), and `unsafe-file` for anything but a plain file. The
   * kernel releases the lock when the process dies.
   */
  tryLock(path: string, options?: { isShared?: boolean | undefined }): FileLock | undefined;
}

/** Identifies the content of a file. */
export interface FileStamp {
  readonly id: string;
  readonly size: number;
}

/** How a file is replaced. */
export interface WriteOptions {
  readonly mode?: number;
  readonly followLinks?: boolean;
}

/** An OS file lock that is held until it is released. */
export interface FileLock {
  release(): void;
}

/** The file system does not support locks. */
export class LockingUnsupported extends Error {
  override readonly name = "LockingUnsupported";
}
