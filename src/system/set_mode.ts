import { OPEN_FLAGS, openFileCalls } from "./ffi/file_calls.ts";
import { SystemFailure } from "./file_failure.ts";

const { O_NONBLOCK, O_NOFOLLOW, O_CLOEXEC } = OPEN_FLAGS;

/**
 * Sets the permission bits of what is at a path, by descriptor. By path, anyone who can write in the folder
 * could put a link in its place, and so change the mode of any of the user's files.
 */
export function setMode(path: string, mode: number): void {
  const calls = openFileCalls();
  if (calls === undefined) return;
  const descriptor = calls.open(path, O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) throw new SystemFailure(calls.failure());
  try {
    if (calls.fchmod(descriptor, mode) < 0) throw new SystemFailure(calls.failure());
  } finally {
    calls.close(descriptor);
  }
}
