/**
 * Names a lock's holder in a file beside the lock file, which Windows does not let others read while it is
 * locked. For display only; nothing depends on it, since a killed holder leaves it behind.
 */

import { unlessFileFails } from "./errors.ts";
import type { Files } from "./files.ts";
import { quote } from "./text.ts";

/** A process that holds a lock, and the profile it works for. */
export interface Holder {
  readonly pid: number;
  /** Absent if it works for no particular profile. */
  readonly profile?: string | undefined;
}

/** Records the holder of a lock, given its path without `.lock`; a failure is ignored. */
export function writeHolder(files: Files, path: string, holder: Holder): void {
  unlessFileFails(() => files.writeWhole(`${path}.holder`, JSON.stringify(holder)));
}

/** Removes the record, but not that of another process that shares the lock; a failure is ignored. */
export function removeHolder(files: Files, path: string, { pid }: Holder): void {
  if (readHolder(files, path)?.pid !== pid) return;
  unlessFileFails(() => files.remove(`${path}.holder`));
}

/** The holder, if the file holds a valid record. */
export function readHolder(files: Files, path: string): Holder | undefined {
  return parseHolder(unlessFileFails(() => files.readText(`${path}.holder`)));
}

/** Describes the holder, for the middle of a sentence. */
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
