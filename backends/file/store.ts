/**
 * The files of a file store: which of them are keys, and which text of a key is current.
 *
 * A change of passphrase ({@linkcode replaceAll}, store_change.ts) writes all items again into a folder
 * inside the store. Once its marker exists, readers look into that folder first, until the next writer
 * has moved the items.
 *
 * A store may be shared or synchronised, so others can put links into it. The inner folder counts only
 * if it is a plain folder. Writing an item replaces a link in its place; otherwise the write would
 * change another file.
 */

import { hasCode, unlessFileFails, VaultError } from "../../src/errors.ts";
import type { Platform } from "../../src/host.ts";
import type { Files } from "../../src/files.ts";
import { quote } from "../../src/text.ts";
import { requireFileOrNothing } from "../item_place.ts";
import { fileNameOf, keyOfFileName } from "./names.ts";

/** An item as it is in its file. */
export interface StoredText {
  readonly key: string;
  readonly path: string;
  readonly text: string;
}

/** The files of one file store. */
export interface FileStore {
  readonly folder: string;
  /** The path to which a key's item is written. */
  pathOf(key: string): string;
  /** A key's item, or `undefined` if it does not exist. */
  read(key: string): StoredText | undefined;
  /** Throws `unsafe-file` if something other than a file is in its place. */
  has(key: string): boolean;
  /** Whether a file that can be an item is in a key's place, for the removal of what is not read. */
  holds(key: string): boolean;
  keys(): string[];
  /** The items that look like items and can be read, one by one, on demand. */
  texts(): Iterable<StoredText>;
  /**
   * Whether no file in the folder is or could be an item: a file that cannot be read could be one.
   */
  isEmpty(): boolean;
  /** Writes an item's text; for the holder of the lock. */
  write(key: string, text: string): void;
  /** Removes an item; for the holder of the lock. */
  remove(key: string): boolean;
}

/** The store in a folder, which need not exist yet. */
export function fileStore(files: Files, folder: string, os: Platform["os"]): FileStore {
  return new StoreFiles(files, folder, os);
}

/** Where a change of passphrase prepares a store's items, and the marker that says that all are there. */
export interface ChangePlace {
  readonly folder: string;
  readonly marker: string;
}

/** The place for a change of the store in a folder. */
export function changePlace(storeFolder: string): ChangePlace {
  const folder = `${storeFolder}/.aws-vault-change`;
  // No key's file has this name: a percent sign in a key is always followed by `25`.
  return { folder, marker: `${folder}/%complete` };
}

/** Whether a path is a folder, and not a link to one. */
export function isPlainFolder(files: Files, path: string): boolean {
  return files.info(path, { followLinks: false })?.kind === "folder";
}

class StoreFiles implements FileStore {
  readonly folder: string;
  readonly #files: Files;
  readonly #os: Platform["os"];
  readonly #change: ChangePlace;

  constructor(files: Files, folder: string, os: Platform["os"]) {
    this.folder = folder;
    this.#files = files;
    this.#os = os;
    this.#change = changePlace(folder);
  }

  pathOf(key: string): string {
    return `${this.folder}/${fileNameOf(key, this.#os)}`;
  }

  read(key: string): StoredText | undefined {
    const name = fileNameOf(key, this.#os);
    const changed = this.#isChanged() ? this.#readFile(this.#change.folder, key, name) : undefined;
    const item = changed ?? this.#readFile(this.folder, key, name);
    if (item === undefined) this.#requireFolder();
    else if (!this.#isNamed(name)) return undefined;
    return item;
  }

  has(key: string): boolean {
    if (this.holds(key)) return true;
    this.#requireFolder();
    requireFileOrNothing(this.#files, this.pathOf(key));
    return false;
  }

  holds(key: string): boolean {
    const name = fileNameOf(key, this.#os);
    return this.#isItem(name) && this.#isNamed(name);
  }

  keys(): string[] {
    this.#requireFolder();
    return this.#files.list(this.folder).flatMap((name) => this.#keyOf(name) ?? []);
  }

  *texts(): Iterable<StoredText> {
    this.#requireFolder();
    for (const name of this.#files.list(this.folder)) {
      const key = this.#keyOf(name);
      const item = key === undefined ? undefined : this.#readIfReadable(key);
      if (item && item !== "unreadable" && looksLikeJwe(item.text)) yield item;
    }
  }

  isEmpty(): boolean {
    return this.keys().every((key) => {
      const item = this.#readIfReadable(key);
      return item !== "unreadable" && (item === undefined || !looksLikeJwe(item.text));
    });
  }

  /** A file that root left, or a pipe in an item's place, does not block the other items. */
  #readIfReadable(key: string): StoredText | "unreadable" | undefined {
    try {
      return this.read(key);
    } catch (error) {
      if (hasCode(error, "file-failed", "unsafe-file")) return "unreadable";
      throw error;
    }
  }

  write(key: string, text: string): void {
    const name = fileNameOf(key, this.#os);
    const path = `${this.folder}/${name}`;
    if (this.#files.info(path) && !this.#isListed(name)) throw sameFile(key);
    this.#files.writeWhole(path, text, { mode: 0o600, followLinks: false });
  }

  remove(key: string): boolean {
    return this.#isListed(fileNameOf(key, this.#os)) && this.#files.remove(this.pathOf(key));
  }

  /** Whether a change of passphrase is unfinished. Checks the marker first, which hardly ever exists. */
  #isChanged(): boolean {
    const { folder, marker } = this.#change;
    return this.#files.info(marker) !== undefined && isPlainFolder(this.#files, folder);
  }

  #readFile(folder: string, key: string, name: string): StoredText | undefined {
    const path = `${folder}/${name}`;
    const text = this.#files.readText(path);
    return text === undefined ? undefined : { key, path, text };
  }

  #keyOf(name: string): string | undefined {
    const key = keyOfFileName(name, this.#os);
    return key !== undefined && this.#isItem(name) ? key : undefined;
  }

  /** A file with a leading dot may belong to any program: it is an item if it looks like one. */
  #isItem(name: string): boolean {
    const path = `${this.folder}/${name}`;
    if (this.#files.info(path)?.kind !== "file") return false;
    return !name.startsWith(".") ||
      looksLikeJwe(unlessFileFails(() => this.#files.readText(path)) ?? "");
  }

  /**
   * Whether the folder has a file of exactly this name: where the file system ignores case, opening
   * `Work` gives `work`, which is another key's file.
   */
  #isListed(name: string): boolean {
    return this.#files.list(this.folder).some((other) => other.normalize() === name.normalize());
  }

  /** Like `#isListed`, but costs every call a listing only on file systems that ignore case. */
  #isNamed(name: string): boolean {
    return this.#os === "linux" || this.#isListed(name);
  }

  /** Something other than a folder in its place must not look like an empty store. */
  #requireFolder(): void {
    const kind = this.#files.info(this.folder)?.kind ?? "folder";
    if (kind === "folder") return;
    const message = `Cannot read the file store ${quote(this.folder)}: it is not a folder`;
    throw new VaultError("file-failed", message);
  }
}

function sameFile(key: string): VaultError {
  return new VaultError(
    "conflict",
    `Cannot store ${
      quote(key)
    }: the name of another item differs only in case, and this file system ` +
      "treats the two as one file",
    { hints: ["Choose another profile name, or another --backend"] },
  );
}

/** Whether a text has the outward form of a JWE. Nothing is decrypted. */
export function looksLikeJwe(text: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]+\.[\w-]*\.[\w-]+\s*$/.test(text);
}
