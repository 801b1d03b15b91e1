import { hasCode } from "../errors.ts";
import type { TalkingHost } from "../talk.ts";
import { warnOnce } from "../talk.ts";
import { asClause } from "../text.ts";
import { KEPT_FILES, recordPath, type Use } from "./use.ts";

/** A larger file is set aside before the next line. */
const LARGEST_BYTES = 10_000_000;

type RecordDeps = Pick<TalkingHost, "env" | "platform" | "files" | "sockets" | "talk">;

/**
 * Adds a use to the record; if it cannot be written, this prints a warning and the credentials are still given.
 *
 * One write to the end of the file, without fsync: lines of several processes do not mix, and a cached call
 * takes no longer. `AWS_VAULT_LOG` switches the record off, or names a system log, whose code is then
 * loaded.
 */
export function recordUse(
  deps: RecordDeps,
  use: Use,
  { leavesNoFile = false }: RecordOptions = {},
): void | Promise<void> {
  const word = deps.env.get("AWS_VAULT_LOG")?.trim().toLowerCase();
  if (word === "off") return;
  if (word) return recordElsewhere(deps, word, use, leavesNoFile);
  if (!leavesNoFile) recordInFile(deps, use);
}

/** Options of recording. */
export interface RecordOptions {
  /** Write only to a system log, if one is named. */
  readonly leavesNoFile?: boolean | undefined;
}

/** Records in a system log; if that is not available, in the file, so that every use leaves a trace. */
async function recordElsewhere(
  deps: RecordDeps,
  word: string,
  use: Use,
  leavesNoFile: boolean,
): Promise<void> {
  const where = leavesNoFile ? "not recorded" : "recorded in the file";
  const { isSystemLog, sendToLog } = await import("./system_log.ts");
  if (!isSystemLog(word)) {
    const what = `AWS_VAULT_LOG=${word} is not one of off, journald and syslog`;
    warnOnce(deps.talk, `${what}: this use is ${where}`, word);
  } else if (await sendToLog(deps, word, use)) return;
  else warnOnce(deps.talk, `There is no ${word} here: this use is ${where}`, word);
  if (!leavesNoFile) recordInFile(deps, use);
}

function recordInFile(deps: RecordDeps, use: Use): void {
  const path = recordPath(deps);
  if (path === undefined) return;
  try {
    if (!makeFolder(deps, path)) return;
    if (!requirePlace(deps, path)) return;
    deps.files.append(path, `${JSON.stringify(use)}\n`);
  } catch (error) {
    if (!hasCode(error, "file-failed", "unsafe-file")) throw error;
    warnOnce(deps.talk, `This use is not recorded: ${asClause(error.message)}`, path);
  }
}

/** The cache is in the state folder too, and reports an unusable one. */
function makeFolder({ files, talk }: RecordDeps, path: string): boolean {
  try {
    files.makeFolder(path.slice(0, path.lastIndexOf("/")));
    return true;
  } catch (error) {
    if (!hasCode(error, "file-failed")) throw error;
    talk.debug(() => `This use is not recorded: ${asClause(error.message)}`);
    return false;
  }
}

/** Whether a line can be added: a pipe or a link in place of the file would block, or lead elsewhere. */
function requirePlace(deps: RecordDeps, path: string): boolean {
  const found = deps.files.info(path, { followLinks: false });
  if (found === undefined) return true;
  if (found.kind !== "file") {
    warnOnce(deps.talk, `This use is not recorded: "${path}" is not a plain file`, path);
    return false;
  }
  if (found.size >= LARGEST_BYTES) rotate(deps, path);
  return true;
}

/** One process rotates the files; the others use what they find. */
function rotate({ files }: RecordDeps, path: string): void {
  files.makeFolder(`${path.slice(0, path.lastIndexOf("/"))}/locks`);
  const lock = files.tryLock(path.replace(/([^/]*)$/, "locks/$1.lock"));
  if (lock === undefined) return;
  try {
    if ((files.info(path)?.size ?? 0) < LARGEST_BYTES) return;
    for (let i = KEPT_FILES - 1; i >= 1; i--) {
      if (files.info(`${path}.${i}`)) files.rename(`${path}.${i}`, `${path}.${i + 1}`);
    }
    files.rename(path, `${path}.1`);
  } finally {
    lock.release();
  }
}
