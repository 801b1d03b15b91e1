import type { WriteOptions } from "../host.ts";
import { FileRefusal, isMissing } from "./file_failure.ts";

/** As many symbolic links in a row as Linux follows. */
const MOST_LINKS = 40;

/**
 * Replaces a file so that a reader, and whoever looks after a crash, finds the old text or the new one.
 *
 * The temporary file stands in the same folder (a rename does not cross file systems), is made with
 * O_EXCL and mode 0600 before anything is in it, and has a name nobody can guess: in a folder that
 * others may write, a planted file or link of that name would otherwise receive the content.
 */
export function writeWhole(
  path: string,
  content: string | Uint8Array,
  { mode, followLinks = true }: WriteOptions = {},
): void {
  const target = followLinks ? targetOf(path) : path;
  const found = unlessMissing(() => Deno.lstatSync(target));
  // A link that is not followed is replaced, and says nothing about the new file.
  const old = found?.isSymlink ? undefined : found;
  if (old && !old.isFile) {
    throw new FileRefusal(old.isDirectory ? "it is a folder" : "it is not a regular file");
  }
  const temporary = folderOf(target) + temporaryName();
  try {
    fill(temporary, typeof content === "string" ? new TextEncoder().encode(content) : content);
    keepAttributes(temporary, old, mode);
    Deno.renameSync(temporary, target);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
  syncFolder(folderOf(target));
}

/** The file that a path leads to, which need not exist; replacing a link would cut it off from its file. */
function targetOf(path: string): string {
  let at = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const found = unlessMissing(() => Deno.lstatSync(at));
    if (!found?.isSymlink) return at;
    const to = Deno.readLinkSync(at);
    // Joined without being tidied: ".." after a folder that is itself a link is the system's to resolve.
    at = isAbsolute(to) ? to : folderOf(at) + to;
  }
  throw new FileRefusal("too many symbolic links, perhaps in a circle");
}

function fill(path: string, bytes: Uint8Array): void {
  const file = Deno.openSync(path, { createNew: true, write: true, mode: 0o600 });
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
  } finally {
    file.close();
  }
}

function keepAttributes(path: string, old: Deno.FileInfo | undefined, mode?: number): void {
  if (Deno.build.os === "windows") return;
  if (old) keepOwner(path, old);
  Deno.chmodSync(path, mode ?? (old?.mode == null ? 0o600 : old.mode & 0o7777));
}

/** Under sudo the new file would be root's, and the user's next command could not read it. */
function keepOwner(path: string, old: Deno.FileInfo): void {
  const made = Deno.statSync(path);
  if (made.uid === old.uid && made.gid === old.gid) return;
  try {
    Deno.chownSync(path, old.uid, old.gid);
  } catch {
    // Somebody else's file in a folder of ours: whoever is not root cannot keep its owner.
  }
}

/** Makes the rename itself last; where folders cannot be synced, the file is whole all the same. */
function syncFolder(path: string): void {
  if (Deno.build.os === "windows") return;
  try {
    const folder = Deno.openSync(path, { read: true });
    try {
      folder.syncSync();
    } finally {
      folder.close();
    }
  } catch {
    // The content is in place: saying that writing failed would be wrong now.
  }
}

function temporaryName(): string {
  return `.aws-vault-${crypto.getRandomValues(new Uint8Array(8)).toHex()}.tmp`;
}

/** The path up to and with its last separator; `./` for a bare name. */
function folderOf(path: string): string {
  const end = Math.max(
    path.lastIndexOf("/"),
    Deno.build.os === "windows" ? path.lastIndexOf("\\") : -1,
  );
  return end < 0 ? "./" : path.slice(0, end + 1);
}

function isAbsolute(path: string): boolean {
  return path.startsWith("/") || Deno.build.os === "windows" && /^([a-z]:|\\)/i.test(path);
}

function unlessMissing<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never made, or the rename has moved it.
  }
}
