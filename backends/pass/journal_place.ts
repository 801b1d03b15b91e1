/** The place of a password store's journal: in the state folder, never in the store. */

import { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import type { Files } from "../../src/files.ts";
import { stateFolder } from "../../src/state_folder.ts";
import { quote } from "../../src/text.ts";

/** The place of a store's journal, and the store's path as the journal records it. */
export interface JournalPlace {
  readonly state: string;
  readonly folder: string;
  readonly path: string;
  /** The store's path without links, so that two names of one store have one journal. */
  readonly store: string;
}

/** The place of a store's journal; `undefined` if there is no state folder, or no store yet. */
export async function findPlace(
  deps: Pick<Host, "env" | "files" | "platform">,
  backend: string,
  folder: string,
): Promise<JournalPlace | undefined> {
  const state = stateFolder(deps);
  const store = deps.files.realPath(folder);
  if (state === undefined || store === undefined) return undefined;
  const name = new TextEncoder().encode(`${backend}\0${store}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", name)).toHex();
  const journals = `${state}/journals`;
  return { state, folder: journals, path: `${journals}/${backend}-${hash}.json`, store };
}

/**
 * Creates the folders of a journal. Throws `unsafe-file` if others could write in them or if a link is
 * in the journal's place: anybody could have written such a journal.
 */
export function requirePrivate(files: Files, { state, folder, path }: JournalPlace): void {
  files.makeFolder(state);
  files.makeFolder(folder);
  const kind = files.info(path, { followLinks: false })?.kind ?? "file";
  if (kind !== "file") throw new VaultError("unsafe-file", `${quote(path)} is not a plain file`);
}

/** Throws `file-failed`: without a journal nothing is written. */
export function noPlace(): never {
  throw new VaultError(
    "file-failed",
    "Cannot write to a password store: no folder for state is known",
    { hints: ["Set AWS_VAULT_STATE_DIR to a folder of your own"] },
  );
}
