/** What `doctor` finds about the user's files and folders: who else can reach them, what was left in them. */

import type { Finding } from "./finding.ts";
import type { FileInfo, Files } from "./files.ts";
import type { Platform } from "./host.ts";
import { counted, quote, wordToType } from "./text.ts";

/** Permission bits that let users other than the owner write, and that let them do anything. */
const WRITABLE = 0o022;
const REACHABLE = 0o077;

/** What to check about the permissions of a file or folder. */
export interface ModeQuestion {
  /** The id of the finding if others can write, and if they can read. */
  readonly writable: string;
  readonly readable?: string | undefined;
  /** The file or folder in words: `The config file`. */
  readonly what: string;
  /** What others can do with it. */
  readonly danger: string;
}

/** What is wrong with the permissions of the user's file or folder; nothing if it does not exist. */
export function examineMode(files: Files, path: string, question: ModeQuestion): Finding[] {
  const found = files.info(path, { followLinks: false });
  if (found?.mode === undefined || (found.kind !== "file" && found.kind !== "folder")) return [];
  const { readable, writable, what, danger } = question;
  const { mode } = found;
  if (!found.isOwn) return [foreign(path, question)];
  const isWritable = (mode & WRITABLE) !== 0;
  const isReadable = readable !== undefined && (mode & REACHABLE) !== 0;
  if (!isWritable && !isReadable) return [];
  const [change, bits] = readable === undefined ? ["go-w", WRITABLE] : ["go-rwx", REACHABLE];
  const wanted = mode & ~bits;
  return [{
    id: isWritable ? writable : readable!,
    severity: isWritable ? "error" : "warning",
    subject: path,
    message: `${what} ${quote(path)} can be ${isWritable ? "changed" : "read"} by others ` +
      `(mode ${octal(mode)}): ${danger}`,
    todo: `chmod ${change} ${wordToType(path)}`,
    fix: {
      what: `set the mode of ${quote(path)} to ${octal(wanted)}`,
      act: () => files.setMode(path, wanted),
    },
  }];
}

/** This user cannot fix it: its owner can change the file, and show others what it contains. */
function foreign(path: string, { what, danger }: ModeQuestion): Finding {
  return {
    id: "foreign-owner",
    severity: "error",
    subject: path,
    message: `${what} ${quote(path)} belongs to another user: ${danger}`,
    todo: `Take ownership: sudo chown ${OWN_NAME} ${wordToType(path)}`,
  };
}

/** The name of the user who types the command: the shell inserts it before sudo runs. */
export const OWN_NAME = '"$(id -un)"';

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/**
 * The command with which a person removes a file or an empty folder. Those of Windows are in both of its
 * shells.
 */
export function removal(path: string, os: Platform["os"], kind: FileInfo["kind"] = "file"): string {
  const isWindows = os === "windows";
  const command = kind === "folder" ? "rmdir" : isWindows ? "del" : "rm";
  return `${command} ${isWindows ? `"${path.replaceAll("/", "\\")}"` : wordToType(path)}`;
}

/** Temporary files that killed writers left in a folder: they can hold the whole content of the file. */
export function findLeftovers(files: Files, folder: string): Finding[] {
  const names = files.leftovers(folder);
  if (names.length === 0) return [];
  const what = counted(names.length, "temporary file");
  return [{
    id: "leftover-files",
    severity: "warning",
    subject: folder,
    message: `A killed process left ${what} in ${quote(folder)}: ${names.toSorted().join(", ")}`,
    todo: "aws-vault doctor --fix",
    fix: { what: `remove ${what} from ${quote(folder)}`, act: () => files.sweep(folder) },
  }];
}

/** The folder of a file's path, with either separator. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"), 0)) || "/";
}
