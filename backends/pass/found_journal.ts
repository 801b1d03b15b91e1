/** What happens to a journal that a killed writer left. */

import type { Files } from "../../src/files.ts";
import type { TalkingHost } from "../../src/talk.ts";
import { quote } from "../../src/text.ts";
import type { JournalPlace } from "./journal_place.ts";
import type { JournalRecord } from "./journal_record.ts";

/** A journal that is applied: what it restores, and where. */
export interface Obeyed {
  readonly place: JournalPlace;
  readonly path: string;
  readonly record: JournalRecord;
}

/** A journal that was found: one that is applied, or the reason why it is not. */
export type Found = Obeyed | { readonly place: JournalPlace; readonly bad: string };

/** What a recovery touches. */
type RecoveryDeps = Pick<TalkingHost, "files" | "talk">;

/**
 * Keeps a copy of what is in the item's place, and reports it. It is the killed writer's half, or
 * what somebody stored since; without the passphrase nobody can tell which.
 */
export function keepReplaced({ files, talk }: RecoveryDeps, { place, path, record }: Obeyed): void {
  const present = files.readBytes(path);
  if (present === undefined || present.toHex() === record.old?.toHex()) return;
  const kept = `${place.path}.replaced`;
  files.writeWhole(kept, present, { mode: 0o600, followLinks: false });
  talk.warn(
    `A write of ${quote(record.key)} to the password store was killed; the item is unchanged, ` +
      `and the content found there is kept in ${quote(kept)}`,
  );
  talk.hint(`If another program has stored it since, copy that file to ${quote(path)}`);
}

/** Writes the item's previous content, or removes an item that did not exist before. */
export function putBack(files: Files, { path, record }: Obeyed): void {
  if (record.old === undefined) files.remove(path);
  else {
    files.makeFolder(path.slice(0, path.lastIndexOf("/")), { shared: true });
    files.writeWhole(path, record.old, { followLinks: false });
  }
}

/**
 * Sets aside a journal that is not applied. It may contain the only copy of an item, so it is kept,
 * under a name that is never read.
 */
export function setAside(
  { files, talk }: RecoveryDeps,
  { path }: JournalPlace,
  reason: string,
): void {
  const aside = `${path}.ignored`;
  files.rename(path, aside);
  talk.warn(
    `Ignored the leftover of a killed write to the password store, ${quote(aside)}: ${reason}`,
  );
  talk.hint("Check the items of the store, then remove that file");
}
