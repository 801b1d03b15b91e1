/** The descriptors that this program inherits, and reads because a flag names them (`--passphrase-fd`). */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

type ReadFile = (path: string) => Uint8Array<ArrayBuffer>;

/**
 * Each descriptor is read once and closed once: a server needs the same bytes again for each renewal, when the
 * number may belong to one of its own files.
 */
export class InheritedDescriptors {
  readonly #read = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly #closed = new Set<number>();
  readonly #readFile: ReadFile;

  /** `readFile` throws `file-failed`. */
  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  /** All bytes; throws `file-failed` for a descriptor that is not open for reading. */
  read(descriptor: number): Uint8Array<ArrayBuffer> {
    const known = this.#read.get(descriptor);
    if (known !== undefined) return known;
    if (this.#closed.has(descriptor)) {
      throw new VaultError(
        "file-failed",
        `Cannot read from descriptor ${descriptor}: it is closed`,
      );
    }
    const bytes = readDescriptor(descriptor, this.#readFile);
    this.#read.set(descriptor, bytes);
    return bytes;
  }

  /** Closes a descriptor, but not the standard streams. */
  async close(descriptor: number): Promise<void> {
    if (descriptor <= 2 || this.#closed.has(descriptor)) return;
    this.#closed.add(descriptor);
    await closeInherited(descriptor);
  }
}

/**
 * `/dev/fd/N` reopens the descriptor's file; Deno has no call that takes a descriptor's number.
 */
function readDescriptor(descriptor: number, readFile: ReadFile): Uint8Array<ArrayBuffer> {
  const path = `/dev/fd/${descriptor}`;
  if (Deno.build.os === "windows") {
    const message =
      `Cannot read from descriptor ${descriptor}: Windows does not have numbered descriptors`;
    throw new VaultError("unsupported", message, {
      hints: ["Use a variable, or a command that prints it"],
    });
  }
  const flags = flagsOf(descriptor);
  if (flags !== undefined && (flags & O_CLOEXEC) !== 0) {
    throw new VaultError("file-failed", `Cannot read ${quote(path)}: it is not inherited`);
  }
  if (flags !== undefined && neverEnds(flags, path)) {
    throw new VaultError("file-failed", `Cannot read ${quote(path)}: it is open for writing`);
  }
  return readFile(path);
}

const O_WRONLY = 1;
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;

/**
 * How the descriptor is open (proc_pid_fdinfo(5)). What is closed when a program starts was not inherited:
 * it is a file of our own, or the program itself, whose bytes must not become a passphrase.
 */
function flagsOf(descriptor: number): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const facts = Deno.readTextFileSync(`/proc/self/fdinfo/${descriptor}`);
    return parseInt(/^flags:\s*([0-7]+)$/m.exec(facts)?.[1] ?? "0", 8);
  } catch {
    return undefined;
  }
}

/**
 * Whether it is write-only, or a writable pipe: Linux opens its file for reading all the same, and a pipe
 * that we can write to ourselves never ends.
 */
function neverEnds(flags: number, path: string): boolean {
  const access = flags & 3;
  return access === O_WRONLY || (access === O_RDWR && Deno.statSync(path).isFifo === true);
}

async function closeInherited(descriptor: number): Promise<void> {
  const { openLibc } = await import("./ffi/libc.ts");
  openLibc()?.calls.close(descriptor);
}
