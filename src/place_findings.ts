/**
 * What `doctor` finds about the place of the user's files: who could replace them through the folders above,
 * and what in their folders belongs to somebody else.
 */

import { unlessFileFails } from "./errors.ts";
import type { Files } from "./files.ts";
import { folderOf, OWN_NAME } from "./file_findings.ts";
import type { Finding } from "./finding.ts";
import type { Host } from "./host.ts";
import { counted, quote, wordToType } from "./text.ts";

const WRITABLE_BY_OTHERS = 0o022;
/** In a folder with this bit (`/tmp`) nobody can rename or remove another user's files. */
const STICKY = 0o1000;

/** What examining the way to a file needs; the home folder distinguishes the user's own folders. */
export type WayHost = Pick<Host, "files" | "platform">;

/**
 * Who else could replace what a path leads to, through a folder above it or a link on the way. `examined`:
 * folders that are checked separately.
 */
export function examineWay(
  { files, platform: { home } }: WayHost,
  path: string,
  examined: readonly string[],
): Finding[] {
  return files.wayTo(path).flatMap((place) => {
    const found = files.info(place, { followLinks: false });
    if (found?.kind === "link") return found.isTrusted ? [] : [foreignLink(place)];
    if (found?.kind !== "folder" || found.mode === undefined || examined.includes(place)) return [];
    const isInHome = home !== undefined && place.startsWith(`${home}/`);
    if (isInHome ? !found.isOwn : !found.isTrusted) return [foreignFolder(place, isInHome)];
    const isOpen = (found.mode & WRITABLE_BY_OTHERS) !== 0 && (found.mode & STICKY) === 0;
    return isOpen ? [openFolder(place, found.mode, found.isOwn)] : [];
  });
}

const DANGER = "can replace your files";

function foreignLink(path: string): Finding {
  return {
    id: "foreign-link",
    severity: "error",
    subject: path,
    message: `The symbolic link ${
      quote(path)
    } is on the path to your files and belongs to another user, who ${DANGER}`,
    todo: `Replace it with one of your own: sudo rm ${wordToType(path)}`,
  };
}

function foreignFolder(path: string, isInHome: boolean): Finding {
  return {
    id: "foreign-owner",
    severity: "error",
    subject: path,
    message: `The folder ${
      quote(path)
    } is on the path to your files and belongs to another user, who ${DANGER}`,
    todo: `Correct its owner: sudo chown ${isInHome ? OWN_NAME : "root"} ${wordToType(path)}`,
  };
}

/** Without a fix: others may need to write there, so only a person may remove that permission. */
function openFolder(path: string, mode: number, isOwn: boolean): Finding {
  return {
    id: "parent-folder-writable",
    severity: "error",
    subject: path,
    message: `Others may write to the folder ${quote(path)}, which is on the path to your files ` +
      `(mode ${mode.toString(8).padStart(4, "0")}): anyone who does ${DANGER}`,
    todo: `${isOwn ? "" : "sudo "}chmod go-w ${wordToType(path)}`,
  };
}

/** The number of names that fit on a line. */
const MOST_NAMES = 5;
/** This program's folders have fewer entries; others need not be listed whole. */
const MOST_ENTRIES = 5_000;
const MOST_DEPTH = 4;

/** What in a folder of the user, and in its folders, belongs to somebody else, such as root after sudo. */
export function examineOwners(
  files: Files,
  folder: string,
  examined: readonly string[],
): Finding[] {
  const foreign: string[] = [];
  let left = MOST_ENTRIES;
  const look = (place: string, depth: number) => {
    for (const name of namesIn(files, place)) {
      if (left-- <= 0) return;
      const path = `${place}/${name}`;
      const found = files.info(path, { followLinks: false });
      if (found?.isOwn === false) {
        if (!examined.includes(path)) foreign.push(path);
      } else if (found?.kind === "folder" && depth > 1) look(path, depth - 1);
    }
  };
  look(folder, MOST_DEPTH);
  return [...Map.groupBy(foreign.sort(), folderOf)].map(([place, paths]) =>
    foreignFiles(place, paths)
  );
}

/** Links are not followed: their targets are not in this folder. An unreadable folder has its own finding. */
function namesIn(files: Files, folder: string): string[] {
  const isFolder = files.info(folder, { followLinks: false })?.kind === "folder";
  return isFolder ? unlessFileFails(() => files.list(folder)) ?? [] : [];
}

function foreignFiles(folder: string, paths: readonly string[]): Finding {
  const names = paths.slice(0, MOST_NAMES).map((path) => quote(path.slice(folder.length + 1)));
  const rest = paths.length > names.length ? ` and ${paths.length - names.length} more` : "";
  return {
    id: "foreign-files",
    severity: "error",
    subject: folder,
    message: `Another user, perhaps root by sudo, owns ${
      counted(paths.length, "entry", "entries")
    } of ${quote(folder)}: ${names.join(", ")}${rest}`,
    todo: `Take ownership: sudo chown -R ${OWN_NAME} ${wordToType(folder)}`,
  };
}
