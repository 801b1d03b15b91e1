/**
 * Makes a write of `pass` all or nothing.
 *
 * The programs write directly into the item's file: killed, or out of disk space, they leave half of the
 * new text in place of the old one. So before the write, the old (still encrypted) text goes into a
 * journal, and the write counts once the journal is removed. Any process that finds a journal without a
 * running writer restores the old text first.
 *
 * The journal is in the state folder, one per store, and never in the store: a store is often shared,
 * and a committed journal that named `../.bashrc` would overwrite that file. It contains a key and a
 * prefix, not a path, so that it can name only what the store itself would write. The path that it names
 * must not contain a link. A journal that fails these checks is set aside, and nothing else is touched.
 * Two processes with different state folders do not see each other's journals.
 *
 * Between the kill and the recovery another tool may have repaired the item, or the state folder may
 * come from another machine. So what is in the item's place is kept beside the journal and reported.
 */

import { hasCode, VaultError } from "../../src/errors.ts";
import type { TalkingHost } from "../../src/talk.ts";
import { asClause, quote } from "../../src/text.ts";
import { type Found, keepReplaced, putBack, setAside } from "./found_journal.ts";
import { findPlace, type JournalPlace, noPlace, requirePrivate } from "./journal_place.ts";
import { type JournalRecord, parseJournal, renderJournal } from "./journal_record.ts";
import { parsePrefix } from "./names.ts";
import { requirePlain, whyNotPlain } from "./plain_path.ts";
import { type PassKind, passStore } from "./store.ts";

/** Where earlier versions kept the journal: in the store itself. */
const OLD_JOURNAL = ".aws-vault-write";

/** What a journal touches. */
export type JournalDeps = Pick<TalkingHost, "env" | "files" | "platform" | "talk">;

/** The store that a journal is for. */
export interface JournaledStore {
  readonly kind: PassKind;
  readonly folder: string;
  readonly prefix: string;
}

/**
 * The journal of one store. All except {@linkcode isWriting} are for the holder of the store's
 * lock.
 */
export interface PassJournal {
  /** Whether this file is being written, or a writer of it was killed. */
  isWriting(path: string): Promise<boolean>;
  /** Restores what a killed writer left. */
  recover(): Promise<void>;
  /** Runs an action that writes a key's file; if it fails, the file is as it was before. */
  write(key: string, action: () => Promise<void>): Promise<void>;
}

/** The journal of a store. */
export function passJournal(deps: JournalDeps, store: JournaledStore): PassJournal {
  return new StoreJournal(deps, store);
}

class StoreJournal implements PassJournal {
  readonly #deps: JournalDeps;
  readonly #store: JournaledStore;
  #place: JournalPlace | undefined;
  #hasWarned = false;

  constructor(deps: JournalDeps, store: JournaledStore) {
    this.#deps = deps;
    this.#store = store;
  }

  async isWriting(path: string): Promise<boolean> {
    try {
      const found = await this.#read();
      return found !== undefined && "path" in found && found.path === path;
    } catch (error) {
      if (!hasCode(error, "file-failed", "unsafe-file")) throw error;
      this.#warnOnce(asClause(error.message));
      return false;
    }
  }

  async recover(): Promise<void> {
    warnOfOldPlace(this.#deps, this.#store.folder);
    const found = await this.#read();
    if (found === undefined) return;
    if ("path" in found) keepReplaced(this.#deps, found);
    this.#putBack(found);
  }

  async write(key: string, action: () => Promise<void>): Promise<void> {
    const { files } = this.#deps;
    const place = await this.#locate() ?? noPlace();
    const path = this.#pathOf(key, this.#store.prefix);
    requirePlain(files, this.#store.folder, path, `store ${quote(key)} in ${this.#backend}`);
    this.#begin(place, key, files.readBytes(path));
    try {
      await action();
      // The programs let the system decide when it goes to disk, but a rotation deletes the old key now.
      const written = files.readBytes(path) ?? notWritten(path);
      files.writeWhole(path, written, { followLinks: false });
    } catch (error) {
      await this.#undo();
      throw error;
    }
    files.remove(place.path);
  }

  get #backend(): string {
    return this.#store.kind.backend;
  }

  /** A store that does not exist yet has no place; the first write creates it. */
  async #locate(): Promise<JournalPlace | undefined> {
    return this.#place ??= await findPlace(this.#deps, this.#backend, this.#store.folder);
  }

  #pathOf(key: string, prefix: string): string {
    const { folder, kind: { extension } } = this.#store;
    const { files, platform } = this.#deps;
    const naming = { prefix: parsePrefix(prefix), extension };
    return passStore(files, folder, naming, platform.os).pathOf(key);
  }

  /** Throws if the journal is in a folder that others can write to. */
  async #read(): Promise<Found | undefined> {
    const { files } = this.#deps;
    const place = await this.#locate();
    if (place === undefined || !files.info(place.path, { followLinks: false })) return undefined;
    requirePrivate(files, place);
    try {
      return this.#understand(place, parseJournal(files.readText(place.path) ?? ""));
    } catch (error) {
      const bad = error instanceof VaultError ? error.message : "it cannot be understood";
      return { place, bad };
    }
  }

  #understand(place: JournalPlace, record: JournalRecord): Found {
    if (record.store !== place.store) return { place, bad: "it belongs to another store" };
    const path = this.#pathOf(record.key, record.prefix);
    const reason = whyNotPlain(this.#deps.files, this.#store.folder, path);
    return reason === undefined ? { place, path, record } : { place, bad: reason };
  }

  #begin(place: JournalPlace, key: string, old: JournalRecord["old"]): void {
    const { files } = this.#deps;
    requirePrivate(files, place);
    const record = { store: place.store, prefix: this.#store.prefix, key, old };
    files.writeWhole(place.path, renderJournal(record), { mode: 0o600, followLinks: false });
  }

  async #undo(): Promise<void> {
    const found = await this.#read();
    if (found !== undefined) this.#putBack(found);
  }

  #putBack(found: Found): void {
    const { files } = this.#deps;
    if ("bad" in found) return setAside(this.#deps, found.place, found.bad);
    putBack(files, found);
    files.remove(found.place.path);
  }

  /** Reads continue without the journal; a write fails with the same reason. */
  #warnOnce(reason: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#deps.talk.warn(`Ignored the leftover of a write to the password store: ${reason}`);
  }
}

/** Printed at each write until the file is gone; nothing in it is read. */
function warnOfOldPlace({ files, talk }: JournalDeps, folder: string): void {
  const path = `${folder}/${OLD_JOURNAL}`;
  if (!files.info(path, { followLinks: false })) return;
  talk.warn(`Ignored ${quote(path)}: anyone who can write to the store could have made it`);
  talk.hint("If you did not expect it, find out who put it into the store, then remove the file");
}

function notWritten(path: string): never {
  const message = `The program did not write the item's file ${quote(path)}`;
  throw new VaultError("keyring-failed", message);
}
