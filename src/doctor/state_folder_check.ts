import { LockingUnsupported } from "../files.ts";
import type { Finding } from "../finding.ts";
import { stateFolder } from "../state_folder.ts";
import { counted, quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";
import { examineMode, findLeftovers } from "../file_findings.ts";

/** The folder of locks and cached sessions: whose it is, and what killed processes left in it. */
export const STATE_FOLDER: Check = {
  id: "state-folder",
  subject: "state folder",
  run({ host }) {
    const folder = stateFolder(host);
    if (folder === undefined) return [homeless()];
    if (host.files.info(folder, { followLinks: false }) === undefined) return [];
    const locks = `${folder}/locks`;
    const modes = [folder, locks].flatMap((path) => examineMode(host.files, path, MODE));
    // What else is wrong with it is said by who makes it; one that others can change, above.
    if (modes.length === 0) host.files.makeFolder(folder);
    return [
      ...modes,
      ...findLeftovers(host.files, folder),
      ...findLeftovers(host.files, locks),
      ...examineLocks(host, locks),
    ];
  },
};

const MODE = {
  writable: "state-folder-writable",
  readable: "state-folder-readable",
  what: "The state folder",
  danger: "locks and cached sessions lie there",
};

function homeless(): Finding {
  return {
    id: "state-folder",
    severity: "warning",
    subject: "state folder",
    message: "Nothing says where the home folder is: sessions are not cached, and nobody waits",
    todo: "Set HOME, or AWS_VAULT_STATE_DIR",
  };
}

function examineLocks({ files }: Scene["host"], folder: string): Finding[] {
  try {
    const dead = files.list(folder).filter((name) => isDead(files, `${folder}/${name}`));
    return dead.length === 0 ? [] : [deadHolders(files, folder, dead)];
  } catch (error) {
    if (!(error instanceof LockingUnsupported)) throw error;
    return [lockless(folder)];
  }
}

/** Whether a file names the holder of a lock that nobody holds. */
function isDead(files: Scene["host"]["files"], path: string): boolean {
  const lockFile = path.replace(/\.holder$/, ".lock");
  if (lockFile === path || files.info(lockFile) === undefined) return false;
  const lock = files.tryLock(lockFile);
  lock?.release();
  return lock !== undefined;
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
    }; nobody waits for them`,
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
    message: `The file system of ${quote(folder)} knows no locks: parallel processes ask you each`,
    todo: "Set AWS_VAULT_STATE_DIR to a folder on a local disk",
  };
}
