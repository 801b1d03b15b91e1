/**
 * Makes a write of `pass` all or nothing.
 *
 * The programs write into the item's file itself: killed, or out of disk, they leave half of the new
 * text in the place of the old one. So before they begin, the old (still encrypted) text goes into a
 * journal, and the write counts once that is removed. Who finds a journal that nobody is writing puts
 * the old text back first.
 *
 * The journal lies in the state folder, one for each store, and never in the store: a store is often
 * shared, and a committed journal that named `../.bashrc` would overwrite that file. It holds a key and
 * a prefix and no path, so that it can name only what the store itself would write; what it names must
 * have no link on its way; and a journal that is not so is set aside and nothing else is touched. Two
 * processes with different state folders do not see each other's journals.
 *
 * Between the kill and that moment another tool may have repaired the item, or the state folder may have
 * come from another machine. So what stands in the item's place is kept beside the journal, and said.
 */

import { hasCode, VaultError } from "../../src/errors.ts";
import type { Files } from "../../src/host.ts";
import { stateFolder } from "../../src/state_folder.ts";
import type { Talk, TalkingHost } from "../../src/talk.ts";
import { asClause, quote } from "../../src/text.ts";
import { type JournalRecord, parseJournal, renderJournal } from "./journal_record.ts";
import { parsePrefix } from "./names.ts";
import { requirePlain, whyNotPlain } from "./plain_path.ts";
import { type PassKind, passStore } from "./store.ts";

/** Where earlier versions kept the journal, in the store itself. */
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
 * The journal of one store; all but {@linkcode isWriting} are for the holder of the store's lock.
 */
export interface PassJournal {
  /** Whether this file is being written, or was by somebody who was killed. */
  isWriting(path: string): Promise<boolean>;
  /** Puts back what a killed writer left. */
  recover(): Promise<void>;
  /** Runs what writes a key's file; the file is as it was when that fails. */
  write(key: string, action: () => Promise<void>): Promise<void>;
}

/** A journal as it is found: what it puts back, or why it is not obeyed. */
type Found = { readonly path: string; readonly record: JournalRecord } | { readonly bad: string };

/** The journal of a store. */
export function passJournal(deps: JournalDeps, store: JournaledStore): PassJournal {
  const { files, talk } = deps;
  const { folder, kind } = store;
  let hasWarned = false;
  let located: JournalPlace | undefined;
  // A store that is not there yet has no place, and is made by the first write.
  const locate = async () => located ??= await placeOf(deps, store);
  const pathOf = (key: string, prefix: string) =>
    passStore(
      files,
      folder,
      { prefix: parsePrefix(prefix), extension: kind.extension },
      deps.platform.os,
    ).pathOf(key);

  /** Throws where the journal lies in a folder that others may write. */
  async function read(): Promise<Found | undefined> {
    const place = await locate();
    if (place === undefined || !files.info(place.path, { followLinks: false })) return undefined;
    requirePrivate(files, place);
    try {
      const record = parseJournal(files.readText(place.path) ?? "");
      if (record.store !== place.store) return { bad: "it is another store's" };
      const path = pathOf(record.key, record.prefix);
      const reason = whyNotPlain(files, folder, path);
      return reason === undefined ? { path, record } : { bad: reason };
    } catch (error) {
      return { bad: error instanceof VaultError ? error.message : "it cannot be understood" };
    }
  }

  async function recover(): Promise<void> {
    warnOfOldPlace(files, talk, folder);
    const found = await read();
    if (found !== undefined && "path" in found) keepReplaced(deps, (await locate())!, found);
    await undo();
  }

  async function undo(): Promise<void> {
    const found = await read();
    if (found === undefined) return;
    const place = (await locate())!;
    if ("bad" in found) return setAside(deps, place, found.bad);
    putBack(files, found);
    files.remove(place.path);
  }

  async function write(key: string, action: () => Promise<void>): Promise<void> {
    const place = await locate() ?? noPlace();
    const path = pathOf(key, store.prefix);
    requirePlain(files, folder, path, `store ${quote(key)} in ${kind.backend}`);
    const old = files.readBytes(path);
    requirePrivate(files, place);
    const record = { store: place.store, prefix: store.prefix, key, old };
    files.writeWhole(place.path, renderJournal(record), { mode: 0o600, followLinks: false });
    try {
      await action();
      // The programs leave it to the system when it goes to the disk; a rotation deletes the old key now.
      const written = files.readBytes(path) ?? notWritten(path);
      files.writeWhole(path, written, { followLinks: false });
    } catch (error) {
      await undo();
      throw error;
    }
    files.remove(place.path);
  }

  async function isWriting(path: string): Promise<boolean> {
    try {
      const found = await read();
      return found !== undefined && "path" in found && found.path === path;
    } catch (error) {
      if (!hasCode(error, "file-failed", "unsafe-file")) throw error;
      // Reading goes on without; a write fails with the same reason.
      if (!hasWarned) {
        talk.warn(`Ignored what a write of the password store left: ${asClause(error.message)}`);
      }
      hasWarned = true;
      return false;
    }
  }

  return {
    isWriting,
    recover,
    write,
  };
}

/** Where a store's journal is, and the store as it is recorded in it. */
interface JournalPlace {
  readonly state: string;
  readonly folder: string;
  readonly path: string;
  /** The store's path without links: two names of one store have one journal. */
  readonly store: string;
}

async function placeOf(
  deps: JournalDeps,
  { folder, kind }: JournaledStore,
): Promise<JournalPlace | undefined> {
  const state = stateFolder(deps);
  const store = deps.files.realPath(folder);
  if (state === undefined || store === undefined) return undefined;
  const name = new TextEncoder().encode(`${kind.backend}\0${store}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", name)).toHex();
  const journals = `${state}/journals`;
  return { state, folder: journals, path: `${journals}/${kind.backend}-${hash}.json`, store };
}

/** In a folder that others could write, or in a link's place, a journal can be anybody's. */
function requirePrivate(files: Files, { state, folder, path }: JournalPlace): void {
  files.makeFolder(state);
  files.makeFolder(folder);
  const kind = files.info(path, { followLinks: false })?.kind ?? "file";
  if (kind !== "file") throw new VaultError("unsafe-file", `${quote(path)} is not a plain file`);
}

/** The killed writer's half, or what somebody stored since: nobody can tell without the passphrase. */
function keepReplaced(
  { files, talk }: JournalDeps,
  place: JournalPlace,
  { path, record }: Extract<Found, { path: string }>,
): void {
  const present = files.readBytes(path);
  if (present === undefined || present.toHex() === record.old?.toHex()) return;
  const kept = `${place.path}.replaced`;
  files.writeWhole(kept, present, { mode: 0o600, followLinks: false });
  talk.warn(
    `A write of ${
      quote(record.key)
    } to the password store was killed; the item is as it was before, ` +
      `and what stood there is kept in ${quote(kept)}`,
  );
  talk.hint(`If another program has stored it since, copy that file to ${quote(path)}`);
}

function putBack(files: Files, { path, record }: Extract<Found, { path: string }>): void {
  if (record.old === undefined) files.remove(path);
  else {
    files.makeFolder(path.slice(0, path.lastIndexOf("/")), { shared: true });
    files.writeWhole(path, record.old, { followLinks: false });
  }
}

/** It may hold the only copy of an item, so it is kept, under a name that is never read. */
function setAside({ files, talk }: JournalDeps, { path }: JournalPlace, reason: string): void {
  const aside = `${path}.ignored`;
  files.rename(path, aside);
  talk.warn(`Ignored what a killed write of the password store left, ${quote(aside)}: ${reason}`);
  talk.hint("Look at the items of the store, then remove that file");
}

/** Said at each write until the file is gone; nothing in it is read. */
function warnOfOldPlace(files: Files, talk: Talk, folder: string): void {
  const path = `${folder}/${OLD_JOURNAL}`;
  if (!files.info(path, { followLinks: false })) return;
  talk.warn(`Ignored ${quote(path)}: anyone who can write to the store could have made it`);
  talk.hint("If you did not expect it, ask who put it into the store; then remove the file");
}

function noPlace(): never {
  throw new VaultError(
    "file-failed",
    "Cannot write to a password store: no folder for state is known",
    {
      hints: ["Set AWS_VAULT_STATE_DIR to a folder of your own"],
    },
  );
}

function notWritten(path: string): never {
  const message = `The program did not write the item's file ${quote(path)}`;
  throw new VaultError("keyring-failed", message);
}
