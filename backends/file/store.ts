/**
 * The files of a file store: which are keys, which text is current, and a change of passphrase that
 * another process did not finish.
 *
 * A change of passphrase writes every item again into the folder `.aws-vault-change` inside the
 * store, then the marker {@linkcode COMPLETE} beside them, then moves them over the old ones. So at
 * every moment the store as a whole has one passphrase: until the marker is there, the old one, and
 * what was prepared is thrown away by the next who writes; from then on the new one, and readers
 * look into the inner folder first until the next writer has moved the others.
 *
 * A store may be shared or synchronised, and then others can put links into it. The inner folder counts
 * only where it is a plain folder, since through a link each file of another folder would be moved or
 * removed; and an item's link is replaced, since through it another file would be written.
 */

import { VaultError } from "../../src/errors.ts";
import type { Files, Platform } from "../../src/host.ts";
import { quote } from "../../src/text.ts";
import { fileNameOf, keyOfFileName } from "./names.ts";

const CHANGE_FOLDER = ".aws-vault-change";
/** No key's file is called so: a percent sign in a key is always followed by `25`. */
const COMPLETE = "%complete";

/** An item as it lies in its file. */
export interface StoredText {
  readonly key: string;
  readonly path: string;
  readonly text: string;
}

/** The files of one file store. */
export interface FileStore {
  readonly folder: string;
  /** The path where a key's item is written. */
  pathOf(key: string): string;
  /** A key's item, or `undefined` where there is none. */
  read(key: string): StoredText | undefined;
  has(key: string): boolean;
  keys(): string[];
  /** The items that have the form of one, one after the other, read as they are asked for. */
  texts(): Iterable<StoredText>;
  /** Writes an item's text; for the holder of the lock. */
  write(key: string, text: string): void;
  /** Removes an item; for the holder of the lock. */
  remove(key: string): boolean;
  /** Finishes or undoes what a killed process left of a change; for the holder of the lock. */
  recover(): void;
  /** Removes the temporary files of writers that were killed; aws-vault 7 takes them for keys. */
  sweep(): void;
  /** Replaces all items at once; for the holder of the lock. */
  replaceAll(texts: ReadonlyMap<string, string>): void;
}

/** The store in a folder, which need not exist yet. */
export function fileStore(files: Files, folder: string, os: Platform["os"]): FileStore {
  const change = `${folder}/${CHANGE_FOLDER}`;
  const marker = `${change}/${COMPLETE}`;
  const pathOf = (key: string) => `${folder}/${fileNameOf(key, os)}`;

  function read(key: string): StoredText | undefined {
    const name = fileNameOf(key, os);
    const changed = isComplete() ? readFile(change, key, name) : undefined;
    const item = changed ?? readFile(folder, key, name);
    if (item === undefined) requireFolder();
    else if (!isNamed(name)) return undefined;
    return item;
  }

  /** Whether a change of passphrase waits to be finished; the marker first, which is hardly ever there. */
  function isComplete(): boolean {
    return files.info(marker) !== undefined && isPlainFolder(change);
  }

  function isPlainFolder(path: string): boolean {
    return files.info(path, { followLinks: false })?.kind === "folder";
  }

  /**
   * Whether the folder has a file of exactly this name: where upper and lower case are the same to
   * the file system, opening `Work` gives `work`, which is another key's.
   */
  function isListed(name: string): boolean {
    return files.list(folder).some((other) => other.normalize() === name.normalize());
  }

  /** As {@linkcode isListed}, but on the path of every call only where file systems are like that. */
  function isNamed(name: string): boolean {
    return os === "linux" || isListed(name);
  }

  function readFile(inFolder: string, key: string, name: string): StoredText | undefined {
    const path = `${inFolder}/${name}`;
    const text = files.readText(path);
    return text === undefined ? undefined : { key, path, text };
  }

  function* texts(): Iterable<StoredText> {
    requireFolder();
    for (const name of files.list(folder)) {
      const key = keyOfFileName(name, os);
      if (key === undefined || !isItem(name)) continue;
      const item = read(key);
      if (item && looksLikeJwe(item.text)) yield item;
    }
  }

  function has(key: string): boolean {
    const name = fileNameOf(key, os);
    const found = isItem(name);
    if (!found) requireFolder();
    return found && isNamed(name);
  }

  /** A file with a dot in front may be anybody's: it is an item when it looks like one. */
  function isItem(name: string): boolean {
    if (files.info(`${folder}/${name}`)?.kind !== "file") return false;
    return !name.startsWith(".") || looksLikeJwe(files.readText(`${folder}/${name}`) ?? "");
  }

  function keys(): string[] {
    requireFolder();
    return files.list(folder)
      .map((name) => ({ name, key: keyOfFileName(name, os) }))
      .flatMap(({ name, key }) => key !== undefined && isItem(name) ? [key] : []);
  }

  /** Something else in its place must not look like an empty store. */
  function requireFolder(): void {
    const kind = files.info(folder)?.kind ?? "folder";
    if (kind === "folder") return;
    throw new VaultError(
      "file-failed",
      `Cannot read the file store ${quote(folder)}: it is not a folder`,
    );
  }

  function write(key: string, text: string): void {
    const name = fileNameOf(key, os);
    if (files.info(`${folder}/${name}`) && !isListed(name)) throw sameFile(key);
    files.writeWhole(`${folder}/${name}`, text, { mode: 0o600, followLinks: false });
  }

  function recover(): void {
    if (!files.info(change, { followLinks: false })) return;
    if (!isPlainFolder(change)) throw notOurs(change);
    const complete = files.info(marker) !== undefined;
    for (const name of files.list(change)) {
      if (name === COMPLETE) continue;
      if (complete && keyOfFileName(name, os) !== undefined) {
        files.rename(`${change}/${name}`, `${folder}/${name}`);
      } else {
        files.remove(`${change}/${name}`);
      }
    }
    files.remove(marker);
    files.remove(change);
  }

  function sweep(): void {
    files.sweep(folder);
  }

  function replaceAll(texts: ReadonlyMap<string, string>): void {
    recover();
    files.makeFolder(change, { shared: true });
    for (const [key, text] of texts) {
      files.writeWhole(`${change}/${fileNameOf(key, os)}`, text, { mode: 0o600 });
    }
    files.writeWhole(marker, "");
    recover();
  }

  function remove(key: string): boolean {
    return isListed(fileNameOf(key, os)) && files.remove(pathOf(key));
  }

  return { folder, pathOf, read, has, keys, texts, write, remove, recover, sweep, replaceAll };
}

function notOurs(path: string): VaultError {
  const message = `Cannot write to the file store: ${quote(path)} is not a plain folder`;
  return new VaultError("unsafe-file", message, {
    hints: ["aws-vault makes no link there: ask who can write to the store, and remove it"],
  });
}

function sameFile(key: string): VaultError {
  return new VaultError(
    "conflict",
    `Cannot store ${quote(key)}: another item's name differs in case only, and this file system ` +
      "takes the two for one file",
    { hints: ["Choose another profile name, or another --backend"] },
  );
}

/** Whether a text has the outward form of a JWE; nothing is decrypted. */
export function looksLikeJwe(text: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]+\.[\w-]*\.[\w-]+\s*$/.test(text);
}
