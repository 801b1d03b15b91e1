/**
 * Remembers which back end was chosen last, so that a different choice is reported and keys do not
 * seem to have vanished (https://github.com/99designs/aws-vault/issues/683; docs/formats.md,
 * "Last keystore").
 *
 * The file in the state folder is only compared with the choice and never decides it: write access
 * to that folder must not be enough to move a person's keys to another store.
 */

import { stateFolder } from "../state_folder.ts";
import { unlessFileFails } from "../errors.ts";
import type { Host } from "../host.ts";

/** A store: the name of a back end, and where it keeps its items. */
export interface BackendPlace {
  readonly backend: string;
  readonly location: string;
}

/** The last choice, and the one before it. */
export interface BackendMemory {
  readonly now: BackendPlace;
  readonly before?: BackendPlace | undefined;
}

type MemoryHost = Pick<Host, "files" | "env" | "platform">;

/** What is remembered, or `undefined` if nothing is, or nothing valid. */
export function readBackendMemory(host: MemoryHost): BackendMemory | undefined {
  const path = memoryPath(host);
  if (path === undefined) return undefined;
  const text = unlessFileFails(() => isPlain(host, path) ? host.files.readText(path) : undefined);
  return text === undefined ? undefined : parseMemory(text);
}

/** Remembers a choice, and returns whether that was possible. */
export function writeBackendMemory(host: MemoryHost, memory: BackendMemory): boolean {
  const path = memoryPath(host);
  const folder = stateFolder(host);
  if (path === undefined || folder === undefined) return false;
  return unlessFileFails(() => {
    host.files.makeFolder(folder);
    host.files.writeWhole(path, JSON.stringify({ version: 1, ...memory }) + "\n", {
      mode: 0o600,
      followLinks: false,
    });
    return true;
  }) ?? false;
}

/** Whether two places are the same store. */
export function isSamePlace(a: BackendPlace, b: BackendPlace): boolean {
  return a.backend === b.backend && a.location === b.location;
}

/** Whether the path is a plain file: reading a pipe that somebody put there would never end. */
function isPlain({ files }: MemoryHost, path: string): boolean {
  return files.info(path, { followLinks: false })?.kind === "file";
}

function memoryPath(host: MemoryHost): string | undefined {
  const folder = stateFolder(host);
  return folder === undefined ? undefined : `${folder}/backend.json`;
}

function parseMemory(text: string): BackendMemory | undefined {
  try {
    const { version, now, before } = JSON.parse(text);
    if (version !== 1 || !isPlace(now)) return undefined;
    return { now, ...(isPlace(before) && { before }) };
  } catch {
    return undefined;
  }
}

function isPlace(value: unknown): value is BackendPlace {
  const place = value as Partial<BackendPlace> | null | undefined;
  return typeof place?.backend === "string" && typeof place.location === "string";
}
