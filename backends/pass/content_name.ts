/**
 * The public name of what is in an item's file. The programs encrypt the whole item, so the name is
 * recorded in the state folder, with a hash of the encrypted file.
 *
 * Each write makes another file, also of the same item. What another machine or program wrote has no known
 * name until it was read here.
 */

import { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import { stateFolder } from "../../src/state_folder.ts";

type NameDeps = Pick<Host, "env" | "files" | "platform">;

const NAME = /^[0-9A-Za-z]{1,64}$/;

/** Records the name of a file's content. If that fails, the name is unknown while the store is locked. */
export async function recordContentName(
  deps: NameDeps,
  path: string,
  publicName: string,
): Promise<void> {
  try {
    const place = NAME.test(publicName) ? await placeOf(deps, path) : undefined;
    const hash = await hashOfFile(deps, path);
    if (place === undefined || hash === undefined) return;
    const text = `${hash} ${publicName}\n`;
    if (deps.files.readText(place.path) === text) return;
    deps.files.makeFolder(place.state);
    deps.files.makeFolder(place.folder);
    deps.files.writeWhole(place.path, text, { followLinks: false });
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
  }
}

/** Whether a file's content has this name; `undefined` if its name is unknown. */
export async function hasContentName(
  deps: NameDeps,
  path: string,
  publicName: string,
): Promise<boolean | undefined> {
  const place = await placeOf(deps, path);
  const [hash, name] = place && deps.files.readText(place.path)?.trimEnd().split(" ") || [];
  if (hash === undefined || hash !== await hashOfFile(deps, path)) return undefined;
  return name === publicName;
}

interface NamePlace {
  readonly state: string;
  readonly folder: string;
  readonly path: string;
}

async function placeOf(deps: NameDeps, item: string): Promise<NamePlace | undefined> {
  const state = stateFolder(deps);
  const real = deps.files.realPath(item);
  if (state === undefined || real === undefined) return undefined;
  const folder = `${state}/names`;
  return { state, folder, path: `${folder}/${await hashOf(new TextEncoder().encode(real))}` };
}

async function hashOfFile({ files }: NameDeps, path: string): Promise<string | undefined> {
  const bytes = files.readBytes(path);
  return bytes && await hashOf(bytes);
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
