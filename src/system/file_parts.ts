/** Reads parts of a file that has not changed since their places were found. */

import type { FileStamp } from "../files.ts";
import { isMissing } from "./file_failure.ts";

/**
 * The kernel records the time of a change in steps of at most 10 ms, and the oldest file systems in
 * steps of 2 s: a change within the same step as the last one leaves the same time.
 */
const SETTLED_AFTER_MS = 2000;

/** Identifies the present content of a file; see `Files.stamp`. */
export function stampOf(path: string, least: number, now = Date.now()): FileStamp | undefined {
  if (Deno.build.os === "windows") return undefined;
  try {
    const info = Deno.statSync(path);
    const changed = Math.max(info.mtime?.getTime() ?? now, info.ctime?.getTime() ?? now);
    if (!info.isFile || info.size < least || now - changed < SETTLED_AFTER_MS) return undefined;
    return { id: idOf(info), size: info.size };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function idOf({ dev, ino, size, mtime, ctime }: Deno.FileInfo): string {
  return [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join(" ");
}

/** The text at places of a file, joined; see `Files.readParts`. */
export function readParts(
  path: string,
  stamp: string,
  places: readonly { readonly at: number; readonly length: number }[],
): string | undefined {
  using file = Deno.openSync(path);
  const info = file.statSync();
  if (idOf(info) !== stamp) return undefined;
  if (places.some(({ at, length }) => at + length > info.size)) return undefined;
  const parts = places.map(({ at, length }) => {
    file.seekSync(at, Deno.SeekMode.Start);
    return readExactly(file, length);
  });
  return parts.every((part) => part !== undefined) ? parts.join("") : undefined;
}

function readExactly(file: Deno.FsFile, length: number): string | undefined {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = file.readSync(bytes.subarray(done));
    if (count === null) return undefined;
    done += count;
  }
  return new TextDecoder().decode(bytes);
}
