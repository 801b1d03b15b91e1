import { LockingUnsupported } from "../files.ts";
import type { Finding } from "../finding.ts";
import { stateFolder } from "../state_folder.ts";
import { hasCode } from "../errors.ts";
import { counted, quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";
import { databasePaths } from "./session_cache_check.ts";
import { examineOwners, examineWay } from "../place_findings.ts";
import { findJournals } from "./journal_check.ts";
import { examineMode, findLeftovers, removal } from "../file_findings.ts";

/** The folder of locks and cached sessions: its owner, and what killed processes left in it. */
export const STATE_FOLDER: Check = {
  id: "state-folder",
  subject: "state folder",
  steps: [
    ({ host }) => stateFolder(host) === undefined ? [homeless()] : [],
    ({ host }) => placesOf(host).flatMap((path) => examineMode(host.files, path, MODE)),
    ({ host }) => {
      // Other faults of a folder are reported by the code that creates it.
      for (const path of placesOf(host)) {
        if (examineMode(host.files, path, MODE).length === 0) host.files.makeFolder(path);
      }
      return [];
    },
    ({ host }) => examineSurroundings(host),
    ({ host }) => findJournals(host),
    ({ host }) => subfolders(host).flatMap((path) => findLeftovers(host.files, path)),
    ({ host }) => ownLocks(host).flatMap((path) => examineLock(host, path)),
    ({ host }) => findHolders(host),
    ({ host }) => examineRecord(host),
  ],
};

type DoctorHost = Scene["host"];

/** The folders above the state folder, and its contents. */
function examineSurroundings(host: DoctorHost): Finding[] {
  const folder = stateFolder(host);
  if (folder === undefined) return [];
  return [
    ...examineWay(host, folder, [folder]),
    ...examineOwners(host.files, folder, [...placesOf(host), ...databasePaths(host)]),
  ];
}

/** The state folder and its folder of locks, if they exist. */
function placesOf(host: DoctorHost): string[] {
  const folder = stateFolder(host);
  const paths = folder === undefined ? [] : [folder, `${folder}/locks`];
  return paths.filter((path) => host.files.info(path, { followLinks: false }) !== undefined);
}

/** The state folder and its contents, without following links: their targets belong to others. */
function subfolders({ files, ...host }: DoctorHost): string[] {
  const folder = stateFolder(host);
  if (folder === undefined || !isPlainFolder(files, folder)) return [];
  const inner = files.list(folder).map((name) => `${folder}/${name}`);
  return [folder, ...inner.filter((path) => isPlainFolder(files, path))];
}

function isPlainFolder(files: DoctorHost["files"], path: string): boolean {
  return files.info(path, { followLinks: false })?.kind === "folder";
}

function locksFolder(host: DoctorHost): string | undefined {
  return subfolders(host).find((path) => path.endsWith("/locks"));
}

function ownLocks(host: DoctorHost): string[] {
  const folder = locksFolder(host);
  if (folder === undefined) return [];
  return host.files.list(folder).filter((name) => name.endsWith(".lock"))
    .map((name) => `${folder}/${name}`);
}

/** A lock that nobody here can take does not work as a lock. */
function examineLock({ files, platform }: DoctorHost, path: string): Finding[] {
  try {
    files.tryLock(path)?.release();
    return [];
  } catch (error) {
    if (error instanceof LockingUnsupported) return [lockless(path.replace(/\/[^/]*$/, ""))];
    if (!hasCode(error, "file-failed", "unsafe-file")) throw error;
    const kind = files.info(path, { followLinks: false })?.kind;
    return [{
      id: "lock-unusable",
      severity: "error",
      subject: path,
      message: `${error.message}: parallel processes do not wait for each other`,
      todo: `Remove it, as the user that it belongs to: ${removal(path, platform.os, kind)}`,
    }];
  }
}

function findHolders(host: DoctorHost): Finding[] {
  const folder = locksFolder(host);
  if (folder === undefined) return [];
  const dead = host.files.list(folder).filter((name) => isDead(host.files, `${folder}/${name}`));
  return dead.length === 0 ? [] : [deadHolders(host.files, folder, dead)];
}

function examineRecord(host: DoctorHost): Finding[] {
  const path = `${stateFolder(host)}/uses.jsonl`;
  const kind = host.files.info(path, { followLinks: false })?.kind ?? "file";
  if (kind === "file") return [];
  return [{
    id: "record-unusable",
    severity: "warning",
    subject: path,
    message: `Uses are not recorded: ${quote(path)} is not a plain file`,
    todo: `Remove it: ${removal(path, host.platform.os, kind)}`,
  }];
}

const MODE = {
  writable: "state-folder-writable",
  readable: "state-folder-readable",
  what: "The state folder",
  danger: "it contains locks and cached sessions",
};

function homeless(): Finding {
  return {
    id: "state-folder",
    severity: "warning",
    subject: "state folder",
    message:
      "The home folder is unknown: sessions are not cached, and parallel processes do not wait for each other",
    todo: "Set HOME, or AWS_VAULT_STATE_DIR",
  };
}

/** Whether a file names a former holder of a lock that is free. */
function isDead(files: Scene["host"]["files"], path: string): boolean {
  const lockFile = path.replace(/\.holder$/, ".lock");
  if (lockFile === path || files.info(path, { followLinks: false })?.kind !== "file") return false;
  if (files.info(lockFile, { followLinks: false })?.kind !== "file") return false;
  try {
    const lock = files.tryLock(lockFile);
    lock?.release();
    return lock !== undefined;
  } catch (error) {
    // A lock that cannot be taken has a separate finding.
    if (error instanceof LockingUnsupported || hasCode(error, "file-failed", "unsafe-file")) {
      return false;
    }
    throw error;
  }
}

function deadHolders(
  files: Scene["host"]["files"],
  folder: string,
  names: readonly string[],
): Finding {
  const what = counted(names.length, "lock");
  return {
    id: "stale-locks",
    severity: "note",
    subject: folder,
    message: `Killed processes left their names at ${what} in ${
      quote(folder)
    }; nothing waits for them`,
    todo: "aws-vault doctor --fix",
    fix: {
      what: `remove the names of dead processes at ${what}`,
      act: () => names.forEach((name) => files.remove(`${folder}/${name}`)),
    },
  };
}

function lockless(folder: string): Finding {
  return {
    id: "locks-unsupported",
    severity: "warning",
    subject: folder,
    message: `The file system of ${
      quote(folder)
    } does not support locks: each parallel process asks you`,
    todo: "Set AWS_VAULT_STATE_DIR to a folder on a local disk",
  };
}
