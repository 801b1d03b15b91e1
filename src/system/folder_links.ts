/**
 * Checks the way to a folder in which root writes.
 *
 * Under sudo a path often leads through another user's home folder. Their link in place of a folder
 * (`~/.aws -> /etc/cron.d`) would choose where root makes a file, and whose file of that name is replaced.
 * So the owner of each link on the way is checked like that of a link in the file's own place. The opened
 * folder must be the one that this way leads to, because the way can be changed in between.
 */

import { FileRefusal, isMissing } from "./file_failure.ts";
import { requireTrustedLinks } from "./file_owner.ts";
import type { ReplacingFolder } from "./replacing_folder.ts";

/** The number of symbolic links that Linux follows. */
const MOST_LINKS = 40;

/** Throws {@linkcode FileRefusal} if another user's link leads root to an opened folder. */
export function requireTrustedFolder(path: string, folder: ReplacingFolder, me = Deno.uid()): void {
  if (me !== 0) return;
  const way = followFolders(path);
  const behind = folder.info() ?? Deno.statSync(way.target);
  requireTrustedLinks(way.links, behind, me, "its path leads through a symbolic link");
  const opened = folder.path();
  if (opened !== undefined && Deno.realPathSync(opened) !== way.target) {
    throw new FileRefusal("its folder was replaced at this moment");
  }
}

/**
 * Throws {@linkcode FileRefusal} if another user's link is on root's way to a folder, which need not exist:
 * it would choose where root makes folders, and which of root's folders is used.
 */
export function requireTrustedWay(path: string, me = Deno.uid()): void {
  if (me !== 0) return;
  const way = { places: ["/"], links: [] };
  unlessEnded(() => followFolders(path, way));
  const behind = Deno.statSync(way.places.at(-1)!);
  requireTrustedLinks(way.links, behind, me, "its path leads through a symbolic link");
}

/** The existing paths that the system visits on the way to an absolute or relative path, links followed. */
export function wayTo(path: string): string[] {
  const places = ["/"];
  unlessEnded(() => followFolders(path, { places, links: [] }));
  return places;
}

function unlessEnded(follow: () => unknown): void {
  try {
    follow();
  } catch (error) {
    // The way ends here.
    if (!isMissing(error) && !(error instanceof FileRefusal)) throw error;
  }
}

/** What was met on a way: every place, and of these the links. */
interface Way {
  readonly places: string[];
  readonly links: Deno.FileInfo[];
}

/** Where an absolute or relative path leads, and the links on the way. */
function followFolders(
  path: string,
  { places, links }: Way = { places: [], links: [] },
): { target: string; links: Deno.FileInfo[] } {
  const left = (path.startsWith("/") ? path : `${Deno.cwd()}/${path}`).split("/");
  let target = "/";
  while (left.length > 0) {
    const name = left.shift()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      target = target.slice(0, target.lastIndexOf("/")) || "/";
      continue;
    }
    const next = target === "/" ? `/${name}` : `${target}/${name}`;
    const found = Deno.lstatSync(next);
    places.push(next);
    if (!found.isSymlink) {
      target = next;
      continue;
    }
    if (links.push(found) > MOST_LINKS) throw new FileRefusal("too many symbolic links");
    const to = Deno.readLinkSync(next);
    left.unshift(...to.split("/"));
    if (to.startsWith("/")) target = "/";
  }
  return { target, links };
}
