/** The environment of this process, byte for byte; the runtime gives only UTF-8. */

import { VaultError } from "../errors.ts";
import { decodeRaw } from "../raw_text.ts";

/**
 * All variables; those that are not UTF-8 are decoded by {@linkcode decodeRaw}.
 *
 * The runtime does not show variables that are not UTF-8, and does not change them, so they still have
 * the values that the process was given.
 */
export function readEnvironment(): Record<string, string> {
  const known = Deno.env.toObject();
  const raw = readRawEntries().filter((entry) => !entry.isWellFormed()).map(splitEntry);
  return { ...Object.fromEntries(raw), ...known };
}

/** One variable that the program itself uses: throws `bad-usage` if it is not UTF-8. */
export function readVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.InvalidData)) throw cause;
    throw new VaultError("bad-usage", `Cannot use the variable ${name}: it is not UTF-8`, {
      hints: [`Set ${name} to UTF-8 text, or unset it`],
      cause,
    });
  }
}

/** The same, byte for byte, for a value that is only passed on. */
export function readRawVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return readEnvironment()[name];
  }
}

/** Variables for a program that the runtime starts, which takes only text: invalid bytes become U+FFFD. */
export function wellFormed(env: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(env);
  return Object.fromEntries(entries.map((entry) => entry.map((text) => text.toWellFormed())));
}

function splitEntry(entry: string): [name: string, value: string] {
  // As in the C library, a name may begin with "=".
  const end = entry.indexOf("=", 1);
  return end < 0 ? [entry, ""] : [entry.slice(0, end), entry.slice(end + 1)];
}

/** The entries `NAME=value` that the process was given; none if the system does not show them. */
function readRawEntries(): string[] {
  if (Deno.build.os === "windows") return [];
  if (Deno.build.os === "darwin") return readEnviron();
  try {
    return splitAtNul(Deno.readFileSync("/proc/self/environ"));
  } catch {
    return [];
  }
}

function splitAtNul(bytes: Uint8Array): string[] {
  const entries: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    const stop = end < 0 ? bytes.length : end;
    if (stop > start) entries.push(decodeRaw(bytes.subarray(start, stop)));
    start = stop + 1;
  }
  return entries;
}

/** macOS has no `/proc`; programs there find `environ` through crt_externs(3). */
function readEnviron(): string[] {
  const entries: string[] = [];
  const library = Deno.dlopen("/usr/lib/libSystem.B.dylib", {
    _NSGetEnviron: { parameters: [], result: "pointer" },
  });
  const place = library.symbols._NSGetEnviron();
  const list = place === null ? null : new Deno.UnsafePointerView(place).getPointer();
  if (list === null) return entries;
  const view = new Deno.UnsafePointerView(list);
  for (let at = 0;; at += 8) {
    const entry = view.getPointer(at);
    if (entry === null) return entries;
    entries.push(decodeRaw(bytesAt(new Deno.UnsafePointerView(entry))));
  }
}

function bytesAt(text: Deno.UnsafePointerView): Uint8Array {
  let length = 0;
  while (text.getUint8(length) !== 0) length++;
  return new Uint8Array(text.getArrayBuffer(length).slice(0));
}
