/** A damaged session database, and how it is set aside so that a new one can be made. */

import type { OpenDatabase } from "../databases.ts";
import type { TalkingHost } from "../talk.ts";
import { quote } from "../text.ts";
import { BUSY_TIMEOUT_MS } from "./database_change.ts";
import { isSound } from "./schema.ts";

type Deps = Pick<TalkingHost, "files" | "clock" | "talk">;

/**
 * Moves a damaged database out of the way, and reports it; `isCertain`: it need not be checked again.
 *
 * Returns whether another attempt makes sense, which is also true if another process is dealing with it.
 */
export function setAside(
  deps: Deps,
  open: OpenDatabase,
  path: string,
  isCertain: boolean,
): boolean {
  const folder = `${path.slice(0, path.lastIndexOf("/"))}/locks`;
  deps.files.makeFolder(folder);
  const lock = deps.files.tryLock(`${folder}/database.lock`);
  try {
    // In the meantime another process may have set it aside and made a new one.
    if (lock !== undefined && (isCertain || isDamaged(deps, open, path))) moveAway(deps, path);
    return true;
  } finally {
    lock?.release();
  }
}

function isDamaged({ files }: Deps, open: OpenDatabase, path: string): boolean {
  if (!files.info(path)) return false;
  const database = open(path, { busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    return !isSound(database);
  } finally {
    database.close();
  }
}

function moveAway({ files, clock, talk }: Deps, path: string): void {
  const aside = `${path}.damaged-${clock.now().epochMilliseconds}`;
  // The journal first: SQLite would play it back into the new database.
  files.remove(`${path}-journal`);
  files.rename(path, aside);
  talk.warn(
    `The session cache was damaged and is replaced by a new one; the old one is now ${
      quote(aside)
    }`,
  );
}
