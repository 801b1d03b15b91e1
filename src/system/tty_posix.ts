import { cString, type Libc } from "./ffi/libc.ts";
import type { Tty } from "./tty.ts";

const O_RDONLY = 0;
const O_RDWR = 2;
const TCSANOW = 0;
const LOCK_EX_NB = 2 | 4;
const LOCK_UN = 8;

/** Opens `/dev/tty`; `undefined` if the process has no controlling terminal. */
export function openPosixTty(libc: Libc): Tty | undefined {
  const { O_CLOEXEC, O_NOCTTY } = libc.constants;
  const descriptor = libc.calls.open(cString("/dev/tty"), O_RDWR | O_NOCTTY | O_CLOEXEC);
  return descriptor < 0 ? undefined : new PosixTty(libc, descriptor);
}

/**
 * `/dev/tty` with termios.
 *
 * Raw mode reads with VMIN 0 and VTIME 1: a read ends after a tenth of a second, so that no read stays
 * behind waiting for a key (poll(2) does not support terminals on macOS).
 *
 * Two processes that ask at once would restore each other's settings, and echo the second answer.
 * So a lock (flock) is taken on the terminal's real device file, which `/dev/tty` is not. If its name is
 * unknown (macOS), raw mode with these two values shows that another process is asking.
 */
class PosixTty implements Tty {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #encoder = new TextEncoder();
  #saved: Uint8Array<ArrayBuffer> | undefined;
  /** The device file to lock, opened at the first question; negative if there is none. */
  #device: number | undefined;

  constructor(libc: Libc, descriptor: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
  }

  readiness(): "ready" | "background" | "gone" {
    const foreground = this.#libc.calls.tcgetpgrp(this.#descriptor);
    if (foreground < 0) return "gone";
    return foreground === this.#libc.calls.getpgrp() ? "ready" : "background";
  }

  write(text: string): void {
    let rest = this.#encoder.encode(text);
    while (rest.length > 0) {
      const written = Number(
        this.#libc.calls.write(this.#descriptor, rest, BigInt(rest.length)),
      );
      if (written <= 0) return;
      rest = rest.subarray(written);
    }
  }

  enterRaw(): void {
    const current = this.#attributes();
    if (current === undefined || (this.#saved && this.#isRaw(current))) return;
    this.#saved ??= this.#isRaw(current) ? this.#sane(current) : current;
    this.#libc.calls.tcsetattr(this.#descriptor, TCSANOW, this.#raw(current));
  }

  restore(): void {
    const saved = this.#saved;
    this.#saved = undefined;
    // From the background this would stop us (SIGTTOU); the process in the foreground has already set it up.
    if (saved !== undefined && this.readiness() !== "background") {
      this.#libc.calls.tcsetattr(this.#descriptor, TCSANOW, saved);
    }
    if (this.#device !== undefined) this.#libc.calls.flock(this.#device, LOCK_UN);
  }

  take(): boolean {
    this.#device ??= this.#openDevice();
    if (this.#device >= 0) return this.#libc.calls.flock(this.#device, LOCK_EX_NB) === 0;
    const current = this.#attributes();
    return current === undefined || !this.#isRaw(current);
  }

  async read(): Promise<Uint8Array> {
    const buffer = new Uint8Array(1024);
    const count = await this.#libc.calls.read(this.#descriptor, buffer, BigInt(buffer.length));
    return buffer.subarray(0, Math.max(0, Number(count)));
  }

  #openDevice(): number {
    const path = controllingTerminal();
    const { O_CLOEXEC, O_NOCTTY } = this.#libc.constants;
    return path === undefined
      ? -1
      : this.#libc.calls.open(cString(path), O_RDONLY | O_NOCTTY | O_CLOEXEC);
  }

  #attributes(): Uint8Array<ArrayBuffer> | undefined {
    const buffer = new Uint8Array(this.#libc.constants.termios.size);
    return this.#libc.calls.tcgetattr(this.#descriptor, buffer) < 0 ? undefined : buffer;
  }

  #isRaw(attributes: Uint8Array<ArrayBuffer>): boolean {
    const { termios } = this.#libc.constants;
    return (flagsAt(attributes, termios.localFlagsAt) & this.#lineFlags()) === 0 &&
      attributes[termios.controlsAt + termios.VMIN] === 0 &&
      attributes[termios.controlsAt + termios.VTIME] === 1;
  }

  #raw(attributes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { termios } = this.#libc.constants;
    const off = this.#lineFlags() | termios.ECHONL | termios.IEXTEN;
    const quiet = withFlags(attributes, termios.localFlagsAt, (flags) => flags & ~off);
    // Keeps CR as typed: otherwise a pasted CR LF would be two line ends.
    const raw = withFlags(quiet, termios.inputFlagsAt, (flags) => flags & ~termios.ICRNL);
    raw[termios.controlsAt + termios.VMIN] = 0;
    raw[termios.controlsAt + termios.VTIME] = 1;
    return raw;
  }

  /** The settings to restore if one of our processes was killed and left the terminal raw. */
  #sane(attributes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { termios } = this.#libc.constants;
    const on = this.#lineFlags() | termios.IEXTEN;
    const loud = withFlags(attributes, termios.localFlagsAt, (flags) => flags | on);
    const sane = withFlags(loud, termios.inputFlagsAt, (flags) => flags | termios.ICRNL);
    sane[termios.controlsAt + termios.VMIN] = 1;
    sane[termios.controlsAt + termios.VTIME] = 0;
    return sane;
  }

  #lineFlags(): number {
    const { ECHO, ICANON, ISIG } = this.#libc.constants.termios;
    return ECHO | ICANON | ISIG;
  }
}

// The flags have 32 bits on Linux and 64 on macOS, where the upper half has none that we use; little-endian.
function flagsAt(attributes: Uint8Array<ArrayBuffer>, at: number): number {
  return new DataView(attributes.buffer).getUint32(at, true);
}

function withFlags(
  attributes: Uint8Array<ArrayBuffer>,
  at: number,
  change: (flags: number) => number,
): Uint8Array<ArrayBuffer> {
  const copy = attributes.slice();
  new DataView(copy.buffer).setUint32(at, change(flagsAt(attributes, at)) >>> 0, true);
  return copy;
}

/** `/dev/pts/N` or `/dev/ttyN`, by the device number in proc_pid_stat(5), field 7; Linux only. */
function controllingTerminal(): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const stat = Deno.readTextFileSync("/proc/self/stat");
    // The name of the program, field 2, is in parentheses and may hold anything.
    const device = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[4]);
    const major = (device >> 8) & 0xfff;
    const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
    if (major >= 136 && major <= 143) return `/dev/pts/${minor + (major - 136) * 256}`;
    return major === 4 && minor < 64 ? `/dev/tty${minor}` : undefined;
  } catch {
    return undefined;
  }
}
