import { isUnreadable, readDataKey } from "../cache/data_key.ts";
import { VaultError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import { DATA_KEY_NAME } from "../keyring.ts";
import { stateFolder } from "../state_folder.ts";
import { asClause, counted, quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";
import { examineMode } from "../file_findings.ts";

/** Whether cached sessions can be read, and only by their owner. */
export const SESSION_CACHE: Check = {
  id: "session-cache",
  subject: "session cache",
  steps: [
    (scene) =>
      databases(scene.host, DATABASE).flatMap((path) => examineMode(scene.host.files, path, MODE)),
    async (scene) => {
      const cache = await scene.cache();
      cache.list();
      cache.requireWorking();
      return [];
    },
    (scene) => setAside(scene, databases(scene.host, DAMAGED)),
    examineDataKey,
  ],
};

/** The paths of the session databases, which have a separate check. */
export function databasePaths(host: Scene["host"]): string[] {
  return databases(host, DATABASE);
}

/** The files in the state folder whose paths match a form. */
function databases(host: Scene["host"], form: RegExp): string[] {
  const folder = stateFolder(host);
  const isFolder = folder !== undefined &&
    host.files.info(folder, { followLinks: false })?.kind === "folder";
  if (!isFolder) return [];
  return host.files.list(folder).map((name) => `${folder}/${name}`)
    .filter((path) => form.test(path))
    .filter((path) => host.files.info(path, { followLinks: false })?.kind === "file");
}

const DATABASE = /\/sessions(\.v\d+)?\.db$/;
const DAMAGED = /\/sessions(\.v\d+)?\.db\.damaged-\d+$/;

const MODE = {
  writable: "session-cache-writable",
  readable: "session-cache-readable",
  what: "The session cache",
  danger: "it is encrypted, but shows which profiles and roles are used",
};

function setAside({ host }: Scene, paths: readonly string[]): Finding[] {
  if (paths.length === 0) return [];
  const what = counted(paths.length, "damaged session cache");
  return [{
    id: "damaged-session-cache",
    severity: "note",
    subject: "session cache",
    message: `${what} was set aside: ${paths.map(quote).join(", ")}`,
    todo: "aws-vault doctor --fix",
    fix: {
      what: `remove ${what}`,
      act: () => paths.forEach((path) => host.files.remove(path)),
    },
  }];
}

async function examineDataKey(scene: Scene): Promise<Finding[]> {
  if (!await isDataKeyStored(scene)) return [];
  try {
    await readDataKey(await scene.quietKeyring());
    return [];
  } catch (error) {
    if (!(error instanceof VaultError) || !isUnreadable(error)) throw error;
    return [{
      id: "session-cache-key",
      severity: "warning",
      subject: "session cache",
      message: `Cached sessions cannot be opened: ${asClause(error.message)}`,
      todo: "aws-vault clear",
    }];
  }
}

/** A keystore that cannot be read has a separate check. */
async function isDataKeyStored({ quietKeyring }: Scene): Promise<boolean> {
  try {
    return await (await quietKeyring()).has(DATA_KEY_NAME);
  } catch (error) {
    if (error instanceof VaultError) return false;
    throw error;
  }
}
