/**
 * Whose a replaced file becomes, and whose links lead to it.
 *
 * A file keeps its owner, also under sudo: root's would be out of reach for the user's next command. But
 * in a folder that others may write, the old file may be one that somebody planted, and its owner would
 * be handed the new content, keys included. As root that is an error and nothing is written: the
 * alternative, a file of root's, would still lie where others can swap it, and lock its user out.
 *
 * A symbolic link is followed where it is the user's own, root's, or belongs to whom the file behind it
 * belongs to. Another's, in a folder that he can write too, would choose which of the user's files is
 * overwritten (Linux asks the same of links in /tmp: protected_symlinks).
 */

import { FileRefusal } from "./file_failure.ts";
import type { Attributes } from "./replacing_folder.ts";

const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o022;

/** What is asked of a file's or folder's information. */
export type Owned = Pick<Deno.FileInfo, "uid" | "gid" | "mode">;

/** The attributes of a new file in place of an old one; throws {@linkcode FileRefusal}. */
export function planAttributes(
  folderInfo: () => Owned | undefined,
  old: Owned | undefined,
  mode: number | undefined,
  me = Deno.uid(),
): Attributes {
  // Never set-user-ID and the like: whatever the old file was, the new one is data.
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
  /** The folder that it is in; absent where it was opened by its descriptor. */
  readonly folder?: Owned | undefined;
}

/**
 * Throws {@linkcode FileRefusal} for a link that somebody else made to a file that is not his.
 *
 * Root follows nobody's link out of a folder that others may write in, such as /tmp, to a file of theirs:
 * what root writes there would be theirs to read.
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
