/**
 * The runtime base (denort) that `DENORT_BIN` names: `deno compile` accepts any file.
 *
 * With the base of another platform it makes a program that does not start there; with the base of
 * another release, one that fails in use.
 */

import { Buffer } from "node:buffer";

/** What a file is a runtime base for, as far as it shows that. */
export interface RuntimeBase {
  /** The name that Deno and Rust use. */
  readonly target: string | undefined;
  /** The release of Deno. */
  readonly version: string | undefined;
}

/**
 * Reads the headers of ELF, Mach-O and PE, and the name with which the runtime identifies itself to
 * servers.
 */
export function describeBase(bytes: Uint8Array): RuntimeBase {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = buffer.indexOf("Deno/");
  const name = at < 0 ? "" : buffer.toString("latin1", at, at + 32);
  return { target: targetOf(buffer), version: name.match(/^Deno\/(\d+\.\d+\.\d+)/)?.[1] };
}

function targetOf(file: Buffer): string | undefined {
  if (file.length < 64) return undefined;
  if (file.readUInt32BE(0) === 0x7f454c46) {
    return named(file.readUInt16LE(18), 0x3e, 0xb7, "unknown-linux-gnu");
  }
  if (file.readUInt32LE(0) === 0xfeedfacf) {
    return named(file.readUInt32LE(4), 0x01000007, 0x0100000c, "apple-darwin");
  }
  const header = file.readUInt32LE(0x3c);
  if (file.readUInt16BE(0) === 0x4d5a && header + 6 <= file.length) {
    return named(file.readUInt16LE(header + 4), 0x8664, 0xaa64, "pc-windows-msvc");
  }
  return undefined;
}

function named(machine: number, x86: number, arm: number, system: string): string | undefined {
  if (machine === x86) return `x86_64-${system}`;
  return machine === arm ? `aarch64-${system}` : undefined;
}

/** Throws an `Error` if a base is for another target or from another release. */
export function checkBase(base: RuntimeBase, target: string, version: string): void {
  if (base.target !== target) {
    throw new Error(
      `Cannot compile for ${target}: DENORT_BIN names ${
        base.target === undefined ? "no runtime base" : `a runtime base for ${base.target}`
      }`,
    );
  }
  if (base.version !== undefined && base.version !== version) {
    throw new Error(
      `Cannot compile with Deno ${version}: DENORT_BIN names the runtime base of Deno ` +
        `${base.version}\nhint: Set OFFLINE_DENO to the Deno of the same release`,
    );
  }
}
