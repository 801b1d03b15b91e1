/**
 * Where sections of large config files are, remembered from one call to the next.
 *
 * Config files of 100,000 profiles exist, made by programs, and a call needs two or three sections of
 * them. To read such a file takes longer than all else of a cached call. The places are kept in the
 * state folder, without any setting; they count only for the very content that they were found in, as
 * its stamp says (docs/formats.md, "Places of sections").
 */

import { unlessFileFails } from "../errors.ts";
import type { Host } from "../host.ts";
import { stateFolder } from "../state_folder.ts";

/** A part of a file, in bytes. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/** The places of sections by kind and name; none where there is no such section. */
export type Places = ReadonlyMap<string, readonly Place[]>;

/** What is known of one content of a file. */
export interface KnownPlaces {
  readonly stamp: string;
  readonly places: Places;
}

type PlacesHost = Pick<Host, "env" | "files" | "platform">;

/** A user of more profiles than this, in turns, reads the file now and then. */
const MOST_PLACES = 256;
const MOST_FILES = 8;

/** What is remembered of a file with this stamp; empty where nothing is, or nothing that can be used. */
export function recallPlaces(host: PlacesHost, path: string, stamp: string): Places {
  const known = readMemory(host).get(path);
  return known?.stamp === stamp ? known.places : new Map();
}

/** Remembers places; a state folder that cannot be used costs the memory, not the command. */
export function rememberPlaces(host: PlacesHost, path: string, known: KnownPlaces): void {
  const folder = stateFolder(host);
  if (folder === undefined) return;
  unlessFileFails(() => {
    const others = [...readMemory(host)].filter(([other]) => other !== path);
    const places = new Map([...known.places].slice(-MOST_PLACES));
    const files = [...others, [path, { ...known, places }] as const].slice(-MOST_FILES);
    host.files.makeFolder(folder);
    host.files.writeWhole(`${folder}/${MEMORY}`, render(files), {
      mode: 0o600,
      followLinks: false,
    });
  });
}

const MEMORY = "config-places.json";

/**
 * Only from a folder that is the user's own: who could write there could hide a section from us, though
 * not put settings into one.
 */
function readMemory(host: PlacesHost): ReadonlyMap<string, KnownPlaces> {
  const folder = stateFolder(host);
  const text = unlessFileFails(() => {
    if (folder === undefined || host.files.info(folder) === undefined) return undefined;
    host.files.makeFolder(folder);
    return host.files.readText(`${folder}/${MEMORY}`);
  });
  return parse(text ?? "");
}

function render(files: readonly (readonly [string, KnownPlaces])[]): string {
  const entries = files.map(([path, { stamp, places }]) => ({
    path,
    stamp,
    places: [...places].map(([key, found]) => [key, found.map(({ at, length }) => [at, length])]),
  }));
  return JSON.stringify({ version: 1, files: entries }) + "\n";
}

function parse(text: string): ReadonlyMap<string, KnownPlaces> {
  try {
    const { version, files } = JSON.parse(text) as Memory;
    if (version !== 1) return new Map();
    return new Map(files.map(({ path, stamp, places }) => [
      path,
      { stamp, places: new Map(places.map(([key, found]) => [key, found.map(toPlace)])) },
    ]));
  } catch {
    return new Map();
  }
}

/** What {@linkcode render} writes, if nobody else has written. */
interface Memory {
  readonly version: number;
  readonly files: readonly {
    readonly path: string;
    readonly stamp: string;
    readonly places: readonly (readonly [string, readonly (readonly [number, number])[]])[];
  }[];
}

function toPlace([at, length]: readonly [number, number]): Place {
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(length) || at < 0 || length < 0) {
    throw new RangeError("a place is two numbers");
  }
  return { at, length };
}
