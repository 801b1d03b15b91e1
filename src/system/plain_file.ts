/**
 * Reads whole files that others may have put there.
 *
 * A pipe, a device or an endless file in place of a config file, a key or a lock would block a
 * process forever, or fill the memory: one cached call after the other would hang. So anything but a
 * plain file is refused before it is opened, and at most 16 MiB are read; from a descriptor that the
 * user gives, at most 1 MB, since it may be endless.
 */

import { FileRefusal } from "./file_failure.ts";

/** A config file of 100,000 profiles has 14 MB. */
const MOST_BYTES = 16 * 1024 * 1024;

const MOST_OF_A_STREAM = 1_000_000;

/** A descriptor that the user gives, such as `<(sops decrypt …)` in a shell, is read as it is. */
const DESCRIPTOR = /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/;

/**
 * The bytes of a plain file, links followed; none for the null device, which stands for an empty file.
 *
 * Throws `FileRefusal` for a file that is not plain or is too large, and Deno's own errors.
 */
export function readPlainFile(path: string): Uint8Array<ArrayBuffer> {
  const info = Deno.statSync(path);
  if (isNullDevice(info)) return new Uint8Array();
  if (!DESCRIPTOR.test(path)) requirePlain(path, info);
  const most = info.isFile ? MOST_BYTES : MOST_OF_A_STREAM;
  if (info.size > most) throw tooLarge(most);
  using file = Deno.openSync(path);
  return readToEnd(file, info.size, most);
}

function requirePlain(path: string, info: Deno.FileInfo): void {
  if (!info.isFile) throw new FileRefusal(whatItIs(info));
  // They report 0 bytes, and some (/proc/kmsg) block a reader; those of a process do not.
  const isOfKernel = info.size === 0 &&
    /^\/(?:proc\/(?!\d)|sys\/)/.test(Deno.realPathSync(path));
  if (isOfKernel) throw new FileRefusal("it is a file of the kernel, not a plain file");
}

function isNullDevice({ isCharDevice, rdev }: Deno.FileInfo): boolean {
  return isCharDevice === true && rdev === Deno.statSync("/dev/null").rdev;
}

function whatItIs({ isDirectory, isFifo, isSocket }: Deno.FileInfo): string {
  if (isDirectory) return "it is a folder";
  return `it is ${isFifo ? "a pipe" : isSocket ? "a socket" : "a device"}, not a plain file`;
}

/** Reads into one buffer of the file's reported size; files in /proc and pipes report 0. */
function readToEnd(file: Deno.FsFile, size: number, most: number): Uint8Array<ArrayBuffer> {
  let buffer = new Uint8Array(size + 1);
  for (let length = 0;;) {
    const count = file.readSync(buffer.subarray(length));
    if (count === null) return buffer.subarray(0, length);
    length += count;
    if (length > most) throw tooLarge(most);
    if (length === buffer.length) buffer = grown(buffer);
  }
}

function grown(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(4096, 2 * buffer.length));
  larger.set(buffer);
  return larger;
}

function tooLarge(most: number): FileRefusal {
  return new FileRefusal(`it has more than ${most === MOST_BYTES ? "16 MiB" : "1 MB"}`);
}
