/**
 * A new text for all items of a file store, all or nothing: the change of its passphrase.
 *
 * Every item is written again into a folder inside the store, then the marker beside the items; then
 * they are moved over the old ones. So at every moment the store as a whole has one passphrase. Until
 * the marker exists it is the old one, and the next writer discards what was prepared. From then on
 * it is the new one, and readers look into the inner folder first (store.ts) until the next writer
 * has moved the remaining items.
 *
 * A store may be shared or synchronised, so others can put links into it. A link in the place of the
 * inner folder would cause each file of another folder to be moved or removed: it is refused.
 */

import { VaultError } from "../../src/errors.ts";
import type { Platform } from "../../src/host.ts";
import type { Files } from "../../src/files.ts";
import { quote } from "../../src/text.ts";
import { fileNameOf, keyOfFileName } from "./names.ts";
import { changePlace, isPlainFolder } from "./store.ts";

/** What a change touches. */
export interface ChangeDeps {
  readonly files: Files;
  readonly platform: Platform;
}

/** Replaces all items of the store in a folder at once; for the holder of the lock. */
export function replaceAll(
  deps: ChangeDeps,
  folder: string,
  texts: ReadonlyMap<string, string>,
): void {
  const { files, platform } = deps;
  const change = changePlace(folder);
  recover(deps, folder);
  files.makeFolder(change.folder, { shared: true });
  for (const [key, text] of texts) {
    files.writeWhole(`${change.folder}/${fileNameOf(key, platform.os)}`, text, { mode: 0o600 });
  }
  files.writeWhole(change.marker, "");
  recover(deps, folder);
}

/**
 * Finishes or undoes a change that a killed process left unfinished; for the holder of the lock.
 */
export function recover({ files, platform }: ChangeDeps, folder: string): void {
  const change = changePlace(folder);
  if (!files.info(change.folder, { followLinks: false })) return;
  if (!isPlainFolder(files, change.folder)) throw notOurs(change.folder);
  const isComplete = files.info(change.marker) !== undefined;
  for (const name of files.list(change.folder)) {
    const from = `${change.folder}/${name}`;
    if (from === change.marker) continue;
    const isKey = keyOfFileName(name, platform.os) !== undefined;
    if (isComplete && isKey) files.rename(from, `${folder}/${name}`);
    else files.remove(from);
  }
  files.remove(change.marker);
  files.remove(change.folder);
}

function notOurs(path: string): VaultError {
  const message = `Cannot write to the file store: ${quote(path)} is not a plain folder`;
  return new VaultError("unsafe-file", message, {
    hints: ["aws-vault creates no link there: find out who can write to the store, and remove it"],
  });
}
