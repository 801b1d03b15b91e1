import type { WriteOptions } from "../files.ts";
import { openDescriptorFolder } from "./descriptor_folder.ts";
import { openFileCalls } from "./ffi/file_calls.ts";
import { FileRefusal, isMissing } from "./file_failure.ts";
import { type Link, type Owned, planAttributes, requireTrustedLinks } from "./file_owner.ts";
import { requireTrustedFolder } from "./folder_links.ts";
import { openPathFolder } from "./path_folder.ts";
import { isTemporaryName, type ReplacingFolder } from "./replacing_folder.ts";

/** The number of symbolic links in a row that Linux follows. */
const MOST_LINKS = 40;

/** Replaces files whole. */
export interface WholeFiles {
  /**
   * Replaces a file so that every reader, also after a crash, finds the old text or the new one.
   *
   * The temporary file is in the same folder (a rename does not cross file systems), and is made empty
   * with O_EXCL and mode 0600. The first write in a folder removes the temporary files of killed
   * writers.
   */
  write(path: string, content: string | Uint8Array, options?: WriteOptions): void;
  /** The names of the temporary files of killed writers in a folder. */
  leftovers(folder: string): string[];
  /** Removes the temporary files of killed writers in a folder; what cannot be removed stays. */
  sweep(folder: string): void;
}

/** A writer that looks for the temporary files of others once in each folder. */
export function wholeFiles(): WholeFiles {
  const swept = new Set<string>();

  function write(path: string, content: string | Uint8Array, options: WriteOptions = {}): void {
    const { target, links } = options.followLinks === false
      ? { target: path, links: [] }
      : follow(path);
    const place = split(target);
    using folder = openFolder(place.folder);
    requireTrustedFolder(place.folder, folder);
    const opened = folder.path();
    const old = replaced(opened === undefined ? target : `${opened}/${place.name}`);
    requireTrustedLinks(links, old ?? folder.info() ?? Deno.statSync(place.folder));
    if (!swept.has(place.folder)) removeDead(folder, place.folder);
    swept.add(place.folder);
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const attributes = planAttributes(folder.info, old, options.mode);
    folder.replace(place.name, new Uint8Array(bytes), attributes);
  }

  function sweep(path: string): void {
    const whole = `${path}/`;
    swept.add(whole);
    if (temporaryNames(whole).next().done) return;
    using folder = openFolder(whole);
    removeDead(folder, whole);
  }

  function leftovers(path: string): string[] {
    const whole = `${path}/`;
    const names = [...temporaryNames(whole)];
    if (names.length === 0) return [];
    using folder = openFolder(whole);
    return names.filter((name) => isDead(folder, name));
  }

  return { write, leftovers, sweep };
}

function openFolder(path: string): ReplacingFolder {
  const calls = openFileCalls();
  return calls === undefined ? openPathFolder(path) : openDescriptorFolder(calls, path);
}

/** Removes a killed writer's file; one that cannot be removed does not get in the way of the current task. */
function removeDead(folder: ReplacingFolder, path: string): void {
  for (const name of temporaryNames(path)) {
    try {
      folder.removeDead(name);
    } catch {
      // It is another user's, or a link or folder of that name, or somebody else was faster.
    }
  }
}

function isDead(folder: ReplacingFolder, name: string): boolean {
  try {
    return folder.isDead(name);
  } catch {
    // It is another user's, or a link or folder of that name.
    return false;
  }
}

function* temporaryNames(folder: string): Generator<string, void> {
  try {
    for (const { name } of Deno.readDirSync(folder)) if (isTemporaryName(name)) yield name;
  } catch {
    // It is not there, or cannot be listed.
  }
}

/**
 * The file that a path leads to, which need not exist, and the links on the way: replacing the link itself
 * would cut it off from its file.
 */
function follow(path: string): { target: string; links: Link[] } {
  let target = path;
  const links: Link[] = [];
  while (links.length < MOST_LINKS) {
    const found = unlessMissing(() => Deno.lstatSync(target));
    if (!found?.isSymlink) return { target, links };
    links.push({ ...owned(found), folder: owned(Deno.statSync(split(target).folder)) });
    const to = Deno.readLinkSync(target);
    // Joined without normalising: only the system can resolve ".." after a folder that is itself a link.
    target = isAbsolute(to) ? to : split(target).folder + to;
  }
  throw new FileRefusal("too many symbolic links, perhaps in a loop");
}

function owned({ uid, gid, mode }: Deno.FileInfo): Owned {
  return { uid, gid, mode };
}

/** The file that is replaced; a link that is not followed does not determine the new file's attributes. */
function replaced(target: string): Deno.FileInfo | undefined {
  const found = unlessMissing(() => Deno.lstatSync(target));
  if (found === undefined || found.isSymlink) return undefined;
  if (found.isFile) return found;
  throw new FileRefusal(found.isDirectory ? "it is a folder" : "it is not a regular file");
}

/** The path up to and including its last separator (`./` for a bare name), and the rest. */
function split(path: string): { folder: string; name: string } {
  const end = Math.max(
    path.lastIndexOf("/"),
    Deno.build.os === "windows" ? path.lastIndexOf("\\") : -1,
  );
  return end < 0
    ? { folder: "./", name: path }
    : { folder: path.slice(0, end + 1), name: path.slice(end + 1) };
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
