import { removal } from "../file_findings.ts";
import type { Finding } from "../finding.ts";
import type { Platform } from "../host.ts";
import { stateFolder } from "../state_folder.ts";
import { quote } from "../text.ts";
import type { Scene } from "./check.ts";

/** No write to a store takes longer: an older journal was left by a killed write. */
const LONGEST_WRITE_MS = 10 * 60_000;

/** Journals of killed writes to a store, and what was set aside when one of them was found. */
export function findJournals({ files, clock, ...host }: Scene["host"]): Finding[] {
  const folder = `${stateFolder(host)}/journals`;
  if (files.info(folder, { followLinks: false })?.kind !== "folder") return [];
  const paths = files.list(folder).sort().map((name) => `${folder}/${name}`);
  const now = clock.now();
  return paths.flatMap((path) => {
    const found = files.info(path, { followLinks: false });
    if (found?.kind !== "file") return [];
    if (/\.json\.(replaced|ignored)$/.test(path)) return [kept(path, host.platform.os)];
    const ageMs = found.modified?.until(now).total("milliseconds") ?? 0;
    return path.endsWith(".json") && ageMs > LONGEST_WRITE_MS
      ? [unfinished(path, host.platform.os)]
      : [];
  });
}

function unfinished(path: string, os: Platform["os"]): Finding {
  return {
    id: "journal-unfinished",
    severity: "warning",
    subject: path,
    message: `A write to a keystore was killed, and ${
      quote(path)
    } has the previous version of the item`,
    todo: "Use that keystore once (aws-vault list), which restores the item; " +
      `if the keystore is gone, remove the file: ${removal(path, os)}`,
  };
}

function kept(path: string, os: Platform["os"]): Finding {
  return {
    id: "journal-kept",
    severity: "note",
    subject: path,
    message: `A killed write to a keystore left ${
      quote(path)
    }, which may hold the only copy of an item`,
    todo: `Check the items of the keystore, then remove it: ${removal(path, os)}`,
  };
}
