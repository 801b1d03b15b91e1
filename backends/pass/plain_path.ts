/**
 * Where a path in a password store really leads.
 *
 * A store is often shared (a git repository, a synchronised folder), and a symbolic link can be
 * committed: a write through `team -> ../..` or `work.gpg -> ../.bashrc` would replace a file that is not
 * an item. So a path that is written or restored must not contain a link below the store's folder. The
 * folder itself may be reached through a link: its owner created that.
 */

import { VaultError } from "../../src/errors.ts";
import type { Files } from "../../src/files.ts";
import { quote } from "../../src/text.ts";

/** Why a path below the store's folder is not the plain place of an item, or `undefined` if it is. */
export function whyNotPlain(files: Files, folder: string, path: string): string | undefined {
  const parts = path.slice(folder.length + 1).split("/");
  for (let count = 1; count <= parts.length; count++) {
    const at = [folder, ...parts.slice(0, count)].join("/");
    const kind = files.info(at, { followLinks: false })?.kind;
    if (kind === undefined) return undefined;
    if (kind === "link") return `${quote(at)} is a symbolic link`;
    if (kind !== (count < parts.length ? "folder" : "file")) {
      return `${quote(at)} is not a plain ${count < parts.length ? "folder" : "file"}`;
    }
  }
  return undefined;
}

/** Throws `unsafe-file` if {@linkcode whyNotPlain} gives a reason. */
export function requirePlain(files: Files, folder: string, path: string, doing: string): void {
  const reason = whyNotPlain(files, folder, path);
  if (reason === undefined) return;
  throw new VaultError("unsafe-file", `Cannot ${doing}: ${reason}`, {
    hints: [
      "In a shared store a link can lead to any file: put a folder or file in its place, or name " +
      "the folder it leads to with --pass-dir",
    ],
  });
}
