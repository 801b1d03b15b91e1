/** Replaces files by path, on Windows, which has no calls by descriptor. */

import { type Attributes, isOld, type ReplacingFolder, temporaryName } from "./replacing_folder.ts";

/** A folder by its path, which ends with a separator. A replaced file gets a new file's mode and owner. */
export function openPathFolder(path: string): ReplacingFolder {
  return {
    info: () => undefined,
    path: () => undefined,
    replace: (name, bytes, _: Attributes) => replace(path, name, bytes),
    isDead: (name) => isDead(path + name),
    removeDead(name) {
      if (isDead(path + name)) Deno.removeSync(path + name);
    },
    [Symbol.dispose]() {},
  };
}

function isDead(path: string): boolean {
  const found = Deno.lstatSync(path);
  return found.isFile && isOld(found);
}

function replace(folder: string, name: string, bytes: Uint8Array): void {
  const temporary = folder + temporaryName();
  try {
    fill(temporary, bytes);
    Deno.renameSync(temporary, folder + name);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
}

function fill(path: string, bytes: Uint8Array): void {
  const file = Deno.openSync(path, { createNew: true, write: true, mode: 0o600 });
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
  } finally {
    file.close();
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // The temporary file was never made, or the rename has moved it.
  }
}
