/** The system's error names, described for a person. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "another program uses it",
  EADDRNOTAVAIL: "this machine does not have this address",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be too large",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "it is a folder",
  EEXIST: "it already exists",
  ENOTEMPTY: "the folder is not empty",
  ELOOP: "too many symbolic links, perhaps in a loop",
  ENAMETOOLONG: "the name is too long",
  EBUSY: "it is in use, or a mount",
  EXDEV: "it is on another file system",
  EIO: "the disk failed",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  ESTALE: "the network file system has lost it",
  ETXTBSY: "it is a program that runs",
};

/** Windows errors that Deno does not name: ERROR_SHARING_VIOLATION, ERROR_HANDLE_DISK_FULL and others. */
const WINDOWS_REASONS: Readonly<Record<number, string>> = {
  5: "permission denied",
  19: "the disk is write-protected",
  32: "another program uses it",
  33: "another program uses it",
  39: "the disk is full",
  87: "the name is not possible for a file",
  112: "the disk is full",
  123: "the name is not possible for a file",
  145: "the folder is not empty",
  183: "it already exists",
  206: "the name is too long",
  267: "a part of the path is not a folder",
};

/** Our own refusal in the middle of file work, which carries its reason. */
export class FileRefusal extends Error {
  override readonly name = "FileRefusal";
}

/** A failure of a call of the C library. */
export class SystemFailure extends Error {
  override readonly name = "SystemFailure";
  /** Such as `ENOENT`; a number if it has no name here. */
  readonly code: string;

  constructor(code: string) {
    super(`the system failed with error ${code}`);
    this.code = code;
  }
}

/** Why the system refused, as the end of a sentence. */
export function failureReason(error: unknown): string {
  if (error instanceof FileRefusal) return error.message;
  const number = systemNumber(error);
  if (Deno.build.os === "windows" && number !== undefined && number in WINDOWS_REASONS) {
    return WINDOWS_REASONS[number]!;
  }
  const name = symbol(error);
  if (name !== undefined && name in REASONS) return REASONS[name]!;
  // Has no number if the folder's drive is missing.
  if (error instanceof Error && error.message.startsWith("failed to create whole tree")) {
    return "there is no such drive or share";
  }
  return error instanceof Error ? error.message : String(error);
}

/** Whether nothing is at the path, or nothing can be because part of the path is a file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    symbol(error) === "ENOENT" || symbol(error) === "ENOTDIR";
}

/** Whether the file system does not support locks: NFS without a lock daemon, some FUSE and Plan 9 mounts. */
export function knowsNoLocks(error: unknown): boolean {
  const unsupported = ["ENOLCK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];
  if (unsupported.includes(symbol(error) ?? "")) return true;
  if (error instanceof Deno.errors.NotSupported) return true;
  const numbers: Record<string, number[]> = {
    linux: [37, 38, 95],
    darwin: [45, 77, 78, 102],
    windows: [1, 50],
  };
  return numbers[Deno.build.os]?.includes(systemNumber(error) ?? -1) ?? false;
}

function symbol(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** The number at the end of a message of Rust's standard library: `… (os error 28)`. */
function systemNumber(error: unknown): number | undefined {
  const found = error instanceof Error ? /\(os error (\d+)\)/.exec(error.message) : null;
  return found ? Number(found[1]) : undefined;
}
