/**
 * Decides the owner of a replaced file, and whose links are followed to it.
 *
 * A file keeps its owner, also under sudo: the user's next command could not access root's file. But in a
 * folder that others may write, somebody may have planted the old file, and its owner would get the new
 * content, keys included. As root that is an error and nothing is written: a file owned by root instead
 * would still be where others can swap it, and would lock its user out.
 *
 * A symbolic link is followed if it belongs to the user, to root, or to the owner of the file behind it.
 * Another user's link, in a folder that he can write too, would choose which of the user's files is
 * overwritten (Linux has the same rule for links in /tmp: protected_symlinks).
 */

import { FileRefusal } from "./file_failure.ts";
import type { Attributes } from "./replacing_folder.ts";

const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o022;

/** The part of a file's or folder's information that is used here. */
export type Owned = Pick<Deno.FileInfo, "uid" | "gid" | "mode">;

/** The attributes of a new file in place of an old one; throws {@linkcode FileRefusal}. */
export function planAttributes(
  folderInfo: () => Owned | undefined,
  old: Owned | undefined,
  mode: number | undefined,
  me = Deno.uid(),
): Attributes {
  // Never set-user-ID or similar bits: whatever the old file was, the new one is data.
  const wanted = mode ?? (old?.mode == null ? 0o600 : old.mode & 0o777);
  if (old === undefined || old.uid === null || me === null) return { mode: wanted };
  if (old.uid === me) return { mode: wanted, group: old.gid ?? undefined };
  if (me === ROOT) requireOwnFolder(folderInfo(), old.uid);
  return { mode: wanted, user: old.uid, group: old.gid ?? undefined };
}

function isShared({ uid, mode }: Owned, owner: number | null): boolean {
  return (uid !== ROOT && uid !== owner) || ((mode ?? 0o777) & WRITABLE_BY_OTHERS) !== 0;
}

function requireOwnFolder(folder: Owned | undefined, owner: number): void {
  const isOwn = folder !== undefined && (folder.uid === ROOT || folder.uid === owner) &&
    ((folder.mode ?? 0o777) & WRITABLE_BY_OTHERS) === 0;
  if (isOwn) return;
  throw new FileRefusal(
    `it belongs to another user (uid ${owner}) and others may write in its folder, so that root ` +
      "might hand it to the user who planted it; run this without sudo, or remove the write permission of others on the folder",
  );
}

/** A symbolic link on the way to a file. */
export interface Link extends Owned {
  /** The folder that contains it; absent if that was opened by its descriptor. */
  readonly folder?: Owned | undefined;
}

/**
 * Throws {@linkcode FileRefusal} for a link by somebody else to a file that is not his.
 *
 * From a folder that others may write in, such as /tmp, root does not follow a user's link to that user's
 * own file: the user could read what root writes there.
 */
export function requireTrustedLinks(
  links: readonly Link[],
  behind: Owned | undefined,
  me = Deno.uid(),
  what = "it is a symbolic link",
): void {
  const shared = links.find(({ uid, folder }) =>
    me === ROOT && uid !== ROOT && folder !== undefined && isShared(folder, uid)
  );
  if (shared !== undefined) {
    throw new FileRefusal(
      `${what} of another user (uid ${shared.uid}) in a folder where others may write; ` +
        "name the file that it points to, or run this without sudo",
    );
  }
  const trusted = [me, ROOT, behind?.uid];
  const foreign = links.find(({ uid }) => uid !== null && !trusted.includes(uid));
  if (foreign === undefined) return;
  throw new FileRefusal(
    `${what} that another user made (uid ${foreign.uid}); name the file that it points to`,
  );
}
