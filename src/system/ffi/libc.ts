/**
 * Calls of the C library that Deno does not offer: execve, termios, signal dispositions, limits.
 *
 * Constants and structure layouts are for Linux (x86-64, arm64; glibc and musl agree) and macOS.
 */

import { encodeRaw } from "../../raw_text.ts";

const SYMBOLS = {
  execve: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  access: { parameters: ["buffer", "i32"], result: "i32" },
  fchdir: { parameters: ["i32"], result: "i32" },
  sigaction: { parameters: ["i32", "pointer", "buffer"], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize", nonblocking: true },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
  getpgrp: { parameters: [], result: "i32" },
  getsid: { parameters: ["i32"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

type Calls = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** The constants that differ between the systems. */
export interface LibcConstants {
  readonly O_NOCTTY: number;
  readonly O_CLOEXEC: number;
  readonly RLIMIT_NOFILE: number;
  readonly termios: TermiosLayout;
}

/** Byte offsets in `struct termios`, and the bits of its input and local flags. */
export interface TermiosLayout {
  readonly size: number;
  readonly inputFlagsAt: number;
  readonly localFlagsAt: number;
  readonly controlsAt: number;
  readonly VMIN: number;
  readonly VTIME: number;
  readonly ICRNL: number;
  readonly ECHO: number;
  readonly ECHONL: number;
  readonly ICANON: number;
  readonly ISIG: number;
  readonly IEXTEN: number;
}

/** The calls, the constants, and the error of the last call that failed. */
export interface Libc {
  readonly calls: Calls;
  readonly constants: LibcConstants;
  /** `errno`, right after a blocking call that failed. */
  errno(): number;
}

const LINUX: LibcConstants = {
  O_NOCTTY: 0o400,
  O_CLOEXEC: 0o2000000,
  RLIMIT_NOFILE: 7,
  termios: {
    size: 60,
    inputFlagsAt: 0,
    localFlagsAt: 12,
    controlsAt: 17,
    VTIME: 5,
    VMIN: 6,
    ICRNL: 0x100,
    ECHO: 0x8,
    ECHONL: 0x40,
    ICANON: 0x2,
    ISIG: 0x1,
    IEXTEN: 0x8000,
  },
};

const DARWIN: LibcConstants = {
  O_NOCTTY: 0x20000,
  O_CLOEXEC: 0x1000000,
  RLIMIT_NOFILE: 8,
  termios: {
    size: 72,
    inputFlagsAt: 0,
    localFlagsAt: 24,
    controlsAt: 32,
    VMIN: 16,
    VTIME: 17,
    ICRNL: 0x100,
    ECHO: 0x8,
    ECHONL: 0x10,
    ICANON: 0x100,
    ISIG: 0x80,
    IEXTEN: 0x400,
  },
};

let opened: Libc | undefined | false = false;

/** The C library, opened at the first call, or `undefined` without a supported one (Windows). */
export function openLibc(): Libc | undefined {
  if (opened === false) opened = openFirst();
  return opened;
}

function openFirst(): Libc | undefined {
  const found = dlopenLibc(SYMBOLS);
  if (found === undefined) return undefined;
  const constants = Deno.build.os === "darwin" ? DARWIN : LINUX;
  return { calls: found.calls, constants, errno: found.errno };
}

/** Some calls of the C library, and its `errno`; `undefined` without a supported library. */
export function dlopenLibc<S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): { calls: Deno.StaticForeignLibraryInterface<S>; errno: () => number } | undefined {
  if (Deno.build.os === "windows") return undefined;
  const darwin = Deno.build.os === "darwin";
  for (const name of darwin ? ["/usr/lib/libSystem.B.dylib"] : linuxNames()) {
    try {
      const { symbols: calls } = Deno.dlopen(name, symbols);
      return { calls, errno: errnoOf(name, darwin ? "__error" : "__errno_location") };
    } catch {
      // The library has another name, or lacks one of the calls.
    }
  }
  return undefined;
}

/** The library's possible names: glibc has one, musl one for each machine. */
function linuxNames(): string[] {
  return ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`, "libc.so"];
}

function errnoOf(library: string, name: string): () => number {
  const { symbols } = Deno.dlopen(library, {
    location: { name, parameters: [], result: "pointer" },
  });
  return () => {
    const pointer = symbols.location();
    return pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32();
  };
}

/** Makes a C string from text that represents any bytes (see `src/raw_text.ts`). */
export function rawCString(text: string): Uint8Array<ArrayBuffer> {
  return text.isWellFormed() ? cString(text) : encodeRaw(text + "\0");
}

/** A NULL-terminated array of C strings (`char *const argv[]`), of any bytes; keep it referenced during use. */
export class CStrings {
  readonly #strings: Uint8Array<ArrayBuffer>[];
  readonly pointers: BigUint64Array<ArrayBuffer>;

  constructor(texts: readonly string[]) {
    this.#strings = texts.map(rawCString);
    this.pointers = new BigUint64Array(texts.length + 1);
    this.#strings.forEach((string, i) => {
      this.pointers[i] = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(string)));
    });
  }
}

/** The signal for a pipe without a reader, on Linux and macOS. */
export const SIGPIPE = 13;

/** The mode of `access(2)` that checks for execute permission. */
export const X_OK = 1;

/** The default handler of `signal(2)`. */
export const SIG_DFL = 0n;

/** The handler of `signal(2)` that ignores the signal. */
export const SIG_IGN = 1n;

/** Makes a C string: UTF-8 with a NUL terminator. Throws `TypeError` for text that contains a NUL. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) throw new TypeError("A NUL character cannot be passed on");
  return new TextEncoder().encode(text + "\0");
}
