/**
 * The C library's calls on files by descriptor: swapping a path for a link in the meantime cannot redirect
 * them to another file. Deno's calls take paths.
 */

import { cString, dlopenLibc } from "./libc.ts";

const ANY_SYSTEM = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  fsync: { parameters: ["i32"], result: "i32" },
  fchmod: { parameters: ["i32", "u32"], result: "i32" },
  fchown: { parameters: ["i32", "u32", "u32"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  faccessat: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  renameat: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
  unlinkat: { parameters: ["i32", "buffer", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** `openat` takes its mode as a variadic argument, which Linux passes like any other. */
const LINUX_SYMBOLS = {
  ...ANY_SYSTEM,
  openat: { parameters: ["i32", "buffer", "i32", "u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * Apple's arm64 passes variadic arguments on the stack, and the first eight others in registers: five
 * dummy arguments fill the registers ("Writing ARM64 code for Apple platforms").
 */
const APPLE_ARM_SYMBOLS = {
  ...ANY_SYSTEM,
  openat: {
    parameters: ["i32", "buffer", "i32", "i32", "i32", "i32", "i32", "i32", "u32"],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The calls; each returns -1 on failure. Tests replace them. */
export interface FileCalls {
  open(path: string, flags: number): number;
  openat(folder: number, name: string, flags: number, mode: number): number;
  close(descriptor: number): number;
  write(descriptor: number, bytes: Uint8Array<ArrayBuffer>): number;
  fsync(descriptor: number): number;
  fchmod(descriptor: number, mode: number): number;
  /** Changes the owner and group; an omitted id stays as it is. */
  fchown(descriptor: number, user: number | undefined, group: number | undefined): number;
  /** Takes an exclusive lock, without waiting. */
  flock(descriptor: number): number;
  /** Releases it, also for a child that has the descriptor, too. */
  unlock(descriptor: number): number;
  faccessat(folder: number, name: string): number;
  renameat(folder: number, from: string, to: string): number;
  unlinkat(folder: number, name: string): number;
  /** The error of the last failed call: its name, such as `ENOENT`, or its number. */
  failure(): string;
}

/** The flags of `open(2)` on this system. */
export interface OpenFlags {
  readonly O_WRONLY: number;
  readonly O_NONBLOCK: number;
  readonly O_CREAT: number;
  readonly O_EXCL: number;
  readonly O_NOFOLLOW: number;
  readonly O_DIRECTORY: number;
  readonly O_CLOEXEC: number;
}

/** Linux on arm64 has other numbers for two of them. */
const LINUX_FLAGS: OpenFlags = {
  O_WRONLY: 1,
  O_NONBLOCK: 0o4000,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NOFOLLOW: Deno.build.arch === "aarch64" ? 0o100000 : 0o400000,
  O_DIRECTORY: Deno.build.arch === "aarch64" ? 0o40000 : 0o200000,
  O_CLOEXEC: 0o2000000,
};

const DARWIN_FLAGS: OpenFlags = {
  O_WRONLY: 1,
  O_NONBLOCK: 0x4,
  O_CREAT: 0x200,
  O_EXCL: 0x800,
  O_NOFOLLOW: 0x100,
  O_DIRECTORY: 0x100000,
  O_CLOEXEC: 0x1000000,
};

const LINUX_FAILURES: Readonly<Record<number, string>> = {
  ...{ 11: "EWOULDBLOCK", 26: "ETXTBSY", 36: "ENAMETOOLONG", 37: "ENOLCK", 38: "ENOSYS" },
  ...{ 40: "ELOOP", 95: "ENOTSUP", 116: "ESTALE", 122: "EDQUOT" },
};

const DARWIN_FAILURES: Readonly<Record<number, string>> = {
  ...{ 26: "ETXTBSY", 35: "EWOULDBLOCK", 45: "ENOTSUP", 62: "ELOOP", 63: "ENAMETOOLONG" },
  ...{ 69: "EDQUOT", 70: "ESTALE", 77: "ENOLCK", 78: "ENOSYS", 102: "EOPNOTSUPP" },
};

/** The error numbers that all systems share. */
const FAILURES: Readonly<Record<number, string>> = {
  ...{ 1: "EPERM", 2: "ENOENT", 4: "EINTR", 5: "EIO", 13: "EACCES", 16: "EBUSY", 17: "EEXIST" },
  ...{ 18: "EXDEV", 20: "ENOTDIR", 21: "EISDIR", 23: "ENFILE", 24: "EMFILE", 27: "EFBIG" },
  ...{ 28: "ENOSPC", 30: "EROFS" },
  ...(Deno.build.os === "darwin" ? DARWIN_FAILURES : LINUX_FAILURES),
};

/** `LOCK_EX | LOCK_NB`. */
const LOCK_AT_ONCE = 2 | 4;
const LOCK_UN = 8;
/** The id that makes `fchown` keep the present one. */
const SAME_ID = 0xffff_ffff;

/** The flags of this system. */
export const OPEN_FLAGS: OpenFlags = Deno.build.os === "darwin" ? DARWIN_FLAGS : LINUX_FLAGS;

let opened: FileCalls | undefined | false = false;

/** The calls, opened on first use, or `undefined` without such a library (Windows). */
export function openFileCalls(): FileCalls | undefined {
  if (opened === false) opened = openFirst();
  return opened;
}

function openFirst(): FileCalls | undefined {
  if (Deno.build.os === "darwin" && Deno.build.arch === "aarch64") {
    const library = dlopenLibc(APPLE_ARM_SYMBOLS);
    const openat = library?.calls.openat;
    return library && fileCalls(
      library,
      (folder, name, flags, mode) => openat!(folder, name, flags, 0, 0, 0, 0, 0, mode),
    );
  }
  const library = dlopenLibc(LINUX_SYMBOLS);
  return library && fileCalls(library, library.calls.openat);
}

type Library = {
  calls: Deno.StaticForeignLibraryInterface<typeof ANY_SYSTEM>;
  errno: () => number;
};

function fileCalls(
  { calls, errno }: Library,
  openat: (folder: number, name: Uint8Array<ArrayBuffer>, flags: number, mode: number) => number,
): FileCalls {
  return {
    open: (path, flags) => calls.open(cString(path), flags),
    openat: (folder, name, flags, mode) => openat(folder, cString(name), flags, mode),
    close: (descriptor) => calls.close(descriptor),
    write: (descriptor, bytes) => Number(calls.write(descriptor, bytes, BigInt(bytes.length))),
    fsync: (descriptor) => calls.fsync(descriptor),
    fchmod: (descriptor, mode) => calls.fchmod(descriptor, mode),
    fchown: (descriptor, user = SAME_ID, group = SAME_ID) => calls.fchown(descriptor, user, group),
    flock: (descriptor) => calls.flock(descriptor, LOCK_AT_ONCE),
    unlock: (descriptor) => calls.flock(descriptor, LOCK_UN),
    faccessat: (folder, name) => calls.faccessat(folder, cString(name), 0, 0),
    renameat: (folder, from, to) => calls.renameat(folder, cString(from), folder, cString(to)),
    unlinkat: (folder, name) => calls.unlinkat(folder, cString(name), 0),
    failure() {
      const number = errno();
      return FAILURES[number] ?? String(number);
    },
  };
}
