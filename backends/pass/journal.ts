/**
 * Makes a write of `pass` all or nothing.
 *
 * The programs write into the item's file itself: killed, or out of disk, they leave half of the new
 * text in the place of the old one. So before they begin, the old (still encrypted) text goes into a
 * journal in the store's folder, and the write counts once that is removed. Who finds a journal that
 * nobody is writing puts the old text back first.
 */

import { VaultError } from "../../src/errors.ts";
import type { Files } from "../../src/host.ts";
import { quote } from "../../src/text.ts";

const JOURNAL = ".aws-vault-write";

/** The journal of one store; all but {@linkcode isWriting} are for whoever holds the store's lock. */
export interface PassJournal {
  /** Whether this file is being written, or was by somebody who was killed. */
  isWriting(path: string): boolean;
  /** Puts back what a killed writer left. */
  recover(): void;
  /** Runs what writes a file; the file is as it was when that fails. */
  write(path: string, action: () => Promise<void>): Promise<void>;
}

function notWritten(path: string): never {
  const message = `The program did not write the item's file ${quote(path)}`;
  throw new VaultError("keyring-failed", message);
}

/** The journal in a store's folder; it speaks of paths below it. */
export function passJournal(files: Files, folder: string): PassJournal {
  const journal = `${folder}/${JOURNAL}`;

  function read(): { path: string; old: Uint8Array<ArrayBuffer> | undefined } | undefined {
    const text = files.readText(journal);
    if (text === undefined) return undefined;
    try {
      const { name, old } = JSON.parse(text);
      return {
        path: `${folder}/${name}`,
        old: old === null ? undefined : Uint8Array.fromBase64(old),
      };
    } catch (cause) {
      const message = `Cannot understand ${quote(journal)}, which keeps what a write replaces`;
      throw new VaultError("keyring-failed", message, {
        cause,
        hints: ["Look at the items of the store, then remove the file"],
      });
    }
  }

  function recover(): void {
    const left = read();
    if (left === undefined) return;
    if (left.old) files.writeWhole(left.path, left.old);
    else files.remove(left.path);
    files.remove(journal);
  }

  async function write(path: string, action: () => Promise<void>): Promise<void> {
    const name = path.slice(folder.length + 1);
    const old = files.readBytes(path)?.toBase64() ?? null;
    files.writeWhole(journal, JSON.stringify({ name, old }));
    try {
      await action();
      // The programs leave it to the system when it goes to the disk; a rotation deletes the old key now.
      files.writeWhole(path, files.readBytes(path) ?? notWritten(path));
    } catch (error) {
      recover();
      throw error;
    }
    files.remove(journal);
  }

  return {
    isWriting: (path) => files.info(journal) !== undefined && read()?.path === path,
    recover,
    write,
  };
}
