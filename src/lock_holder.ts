/**
 * Who holds a lock, in a file beside it: the lock file itself cannot be read on Windows while it is
 * locked. It is for people's eyes only; nothing is decided by it, since a killed holder leaves it behind.
 */

import { unlessFileFails } from "./errors.ts";
import type { Files } from "./files.ts";
import { quote } from "./text.ts";

/** A process that holds a lock, and the profile it works for. */
export interface Holder {
  readonly pid: number;
  /** Absent where it works for no profile in particular. */
  readonly profile?: string | undefined;
}

/** Says who holds the lock of a path without `.lock`; a failure is ignored. */
export function writeHolder(files: Files, path: string, holder: Holder): void {
  unlessFileFails(() => files.writeWhole(`${path}.holder`, JSON.stringify(holder)));
}

/** Takes the word back, but not that of another who shares the lock; a failure is ignored. */
export function removeHolder(files: Files, path: string, { pid }: Holder): void {
  if (readHolder(files, path)?.pid !== pid) return;
  unlessFileFails(() => files.remove(`${path}.holder`));
}

/** The holder, where a file names one that makes sense. */
export function readHolder(files: Files, path: string): Holder | undefined {
  return parseHolder(unlessFileFails(() => files.readText(`${path}.holder`)));
}

/** The holder in words for the middle of a sentence. */
export function describeHolder(holder: Holder | undefined): string {
  if (holder === undefined) return "another aws-vault";
  const profile = holder.profile === undefined ? "" : `, profile ${quote(holder.profile)}`;
  return `another aws-vault (pid ${holder.pid}${profile})`;
}

function parseHolder(text: string | undefined): Holder | undefined {
  try {
    const { pid, profile } = JSON.parse(text ?? "");
    if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
    if (profile !== undefined && typeof profile !== "string") return undefined;
    return { pid, profile };
  } catch {
    return undefined;
  }
}
