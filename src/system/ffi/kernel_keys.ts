/**
 * The kernel's keys, through the C library's `syscall(2)`: it has no dedicated functions for them, and
 * libkeyutils is not on every machine.
 *
 * The numbers are from Linux's `uapi/linux/keyctl.h` and its two system call tables.
 */

import {
  type KernelKeyFacts,
  type KernelKeyOptions,
  type KernelKeys,
  NativeFailure,
} from "../../native.ts";
import { cString } from "./libc.ts";
import { openSystemCalls, type SystemCallLibrary } from "./syscall.ts";

interface SystemCallNumbers {
  readonly addKey: bigint;
  readonly keyctl: bigint;
}

/** System call numbers by machine. */
const NUMBERS: Readonly<Record<string, SystemCallNumbers>> = {
  x86_64: { addKey: 248n, keyctl: 250n },
  aarch64: { addKey: 217n, keyctl: 219n },
};

const KEYCTL = {
  GET_KEYRING_ID: 0,
  JOIN_SESSION_KEYRING: 1,
  SETPERM: 5,
  DESCRIBE: 6,
  LINK: 8,
  UNLINK: 9,
  SEARCH: 10,
  READ: 11,
  SET_TIMEOUT: 15,
  INVALIDATE: 21,
  MOVE: 30,
} as const;

const SPECIAL = { process: -2, session: -3, user: -4 } as const;
const MOVE_EXCL = 1;

const ERRNO: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  12: "ENOMEM",
  13: "EACCES",
  17: "EEXIST",
  22: "EINVAL",
  38: "ENOSYS",
  95: "EOPNOTSUPP",
  122: "EDQUOT",
  126: "ENOKEY",
  127: "EKEYEXPIRED",
  128: "EKEYREVOKED",
  129: "EKEYREJECTED",
};

/** The kernel's errors for a key that does not exist, or no longer exists. */
const GONE: ReadonlySet<string> = new Set(["ENOKEY", "EKEYEXPIRED", "EKEYREVOKED", "ENOENT"]);

let opened: KernelKeys | undefined | false = false;

/** The kernel's keys, or `undefined` on systems and machines other than Linux on x86-64 and arm64. */
export function openKernelKeys(): KernelKeys | undefined {
  if (opened === false) opened = open();
  return opened;
}

function open(): KernelKeys | undefined {
  const numbers = Deno.build.os === "linux" ? NUMBERS[Deno.build.arch] : undefined;
  if (numbers === undefined) return undefined;
  const calls = openSystemCalls();
  return calls && new SystemCalls(calls, numbers);
}

class SystemCalls implements KernelKeys {
  readonly #calls: SystemCallLibrary;
  readonly #numbers: SystemCallNumbers;

  constructor(calls: SystemCallLibrary, numbers: SystemCallNumbers) {
    this.#calls = calls;
    this.#numbers = numbers;
  }

  specialKeyring(which: "session" | "user"): number {
    return this.#keyctl("KEYCTL_GET_KEYRING_ID", KEYCTL.GET_KEYRING_ID, SPECIAL[which]);
  }

  findKeyring(parent: number, name: string): number | undefined {
    return unlessGone(() => this.#search(parent, "keyring", name));
  }

  makeKeyring(parent: number, name: string, options: KernelKeyOptions): number {
    const staged = this.#stage("keyring", name, undefined, options);
    try {
      this.#moveUnlessThere(staged, parent);
      return staged;
    } catch (error) {
      this.#unlink(staged, SPECIAL.process);
      if (!isFailure(error, "EEXIST")) throw error;
      return this.#search(parent, "keyring", name);
    }
  }

  search(keyring: number, description: string): number | undefined {
    return unlessGone(() => this.#search(keyring, "user", description));
  }

  add(
    keyring: number,
    description: string,
    payload: Uint8Array,
    options: KernelKeyOptions,
  ): void {
    const staged = this.#stage("user", description, payload, options);
    try {
      this.#keyctl("KEYCTL_LINK", KEYCTL.LINK, staged, keyring);
    } finally {
      this.#unlink(staged, SPECIAL.process);
    }
  }

  read(key: number): Uint8Array<ArrayBuffer> | undefined {
    return unlessGone(() => this.#fill("KEYCTL_READ", KEYCTL.READ, key));
  }

  describe(key: number): KernelKeyFacts | undefined {
    const bytes = unlessGone(() => this.#fill("KEYCTL_DESCRIBE", KEYCTL.DESCRIBE, key));
    // type;uid;gid;permissions;description, and a NUL
    const text = bytes && new TextDecoder().decode(bytes.subarray(0, -1));
    const parts = text === undefined ? null : /^([^;]*);([^;]*);[^;]*;([^;]*);([^]*)$/.exec(text);
    if (parts === null) return undefined;
    const [, type = "", owner = "", permissions = "", description = ""] = parts;
    return {
      type,
      description,
      owner: Number(owner),
      permissions: Number.parseInt(permissions, 16),
    };
  }

  list(keyring: number): number[] {
    const bytes = this.#fill("KEYCTL_READ", KEYCTL.READ, keyring);
    return [...new Int32Array(bytes.buffer, 0, bytes.length >> 2)];
  }

  unlink(key: number, keyring: number): boolean {
    return unlessGone(() => {
      this.#keyctl("KEYCTL_UNLINK", KEYCTL.UNLINK, key, keyring);
      return true;
    }) ?? false;
  }

  invalidate(key: number): boolean {
    return unlessGone(() => {
      this.#keyctl("KEYCTL_INVALIDATE", KEYCTL.INVALIDATE, key);
      return true;
    }) ?? false;
  }

  /** Session keyrings belong to threads: the thread that runs this is also the one that starts programs. */
  leaveSession(keys: readonly number[]): void {
    const { process, session } = SPECIAL;
    const link = (key: number, keyring: number) =>
      this.#keyctl("KEYCTL_LINK", KEYCTL.LINK, key, keyring);
    // Keys that are only in the old session cannot be linked after leaving it.
    const taken = keys.filter((key) => isDone(() => link(key, process)));
    try {
      const name = "KEYCTL_JOIN_SESSION_KEYRING";
      this.#result(name, this.#call(this.#numbers.keyctl, KEYCTL.JOIN_SESSION_KEYRING, null));
      for (const key of taken) isDone(() => link(key, session));
    } finally {
      for (const key of taken) this.#unlink(key, process);
    }
  }

  /** Makes a key that only this process sees, so that a kill from here on leaves nothing behind. */
  #stage(
    type: "user" | "keyring",
    description: string,
    payload: Uint8Array | undefined,
    options: KernelKeyOptions,
  ): number {
    const data = payload === undefined ? null : Uint8Array.from(payload);
    const key = this.#result(
      "add_key",
      this.#call(
        this.#numbers.addKey,
        cString(type),
        cString(description),
        data,
        data?.length ?? 0,
        SPECIAL.process,
      ),
    );
    data?.fill(0);
    try {
      const seconds = options.expireAfterSeconds;
      if (seconds !== undefined) {
        this.#keyctl("KEYCTL_SET_TIMEOUT", KEYCTL.SET_TIMEOUT, key, seconds);
      }
      this.#keyctl("KEYCTL_SETPERM", KEYCTL.SETPERM, key, options.permissions);
      return key;
    } catch (error) {
      this.#unlink(key, SPECIAL.process);
      throw error;
    }
  }

  /** Moves a key unless one exists: atomic since Linux 5.3; on older kernels the later key wins. */
  #moveUnlessThere(key: number, keyring: number): void {
    const { process } = SPECIAL;
    try {
      this.#keyctl("KEYCTL_MOVE", KEYCTL.MOVE, key, process, keyring, MOVE_EXCL);
    } catch (error) {
      if (!isFailure(error, "EOPNOTSUPP", "ENOSYS")) throw error;
      this.#keyctl("KEYCTL_LINK", KEYCTL.LINK, key, keyring);
      this.#unlink(key, process);
    }
  }

  #unlink(key: number, keyring: number): void {
    unlessGone(() => this.#keyctl("KEYCTL_UNLINK", KEYCTL.UNLINK, key, keyring));
  }

  #search(keyring: number, type: string, description: string): number {
    const words = [cString(type), cString(description)] as const;
    const result = this.#call(this.#numbers.keyctl, KEYCTL.SEARCH, keyring, ...words, 0);
    return this.#result("KEYCTL_SEARCH", result);
  }

  /** Reads with a large enough buffer: the kernel returns the full length, and fills no smaller buffer. */
  #fill(name: string, operation: number, key: number): Uint8Array<ArrayBuffer> {
    let buffer = new Uint8Array(1024);
    while (true) {
      const result = this.#call(this.#numbers.keyctl, operation, key, buffer, buffer.length);
      const length = this.#result(name, result);
      if (length <= buffer.length) return buffer.slice(0, length);
      buffer = new Uint8Array(length);
    }
  }

  #keyctl(name: string, operation: number, ...args: number[]): number {
    return this.#result(name, this.#call(this.#numbers.keyctl, operation, ...args));
  }

  /** Makes a system call; the caller's arguments keep the buffers alive until the kernel is done. */
  #call(number: bigint, ...args: readonly (number | Uint8Array<ArrayBuffer> | null)[]): bigint {
    const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n] = args.map(word);
    return this.#calls.syscall(number, a, b, c, d, register(e));
  }

  #result(name: string, result: bigint): number {
    if (result >= 0n) return Number(result);
    const pointer = this.#calls.errnoLocation(register(0n));
    const errno = pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32();
    const symbol = ERRNO[errno] ?? `errno ${errno}`;
    throw new NativeFailure(symbol, `${name} fails with ${symbol}`);
  }
}

function register(value: bigint): Uint8Array<ArrayBuffer> {
  return new Uint8Array(BigInt64Array.of(value).buffer);
}

/** Converts an argument to the register's value. */
function word(value: number | Uint8Array<ArrayBuffer> | null): bigint {
  if (typeof value === "number") return BigInt(value);
  return value === null ? 0n : Deno.UnsafePointer.value(Deno.UnsafePointer.of(value));
}

function unlessGone<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof NativeFailure && GONE.has(error.symbol)) return undefined;
    throw error;
  }
}

function isDone(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof NativeFailure) return false;
    throw error;
  }
}

function isFailure(error: unknown, ...symbols: readonly string[]): boolean {
  return error instanceof NativeFailure && symbols.includes(error.symbol);
}
