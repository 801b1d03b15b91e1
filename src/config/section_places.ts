/**
 * The places of sections in large config files, remembered from one call to the next.
 *
 * Generated config files of 100,000 profiles exist, and a call needs two or three of their
 * sections. Reading such a file takes longer than the rest of a cached call. The places are kept in
 * the state folder, without any setting; they are valid only for the exact content in which they
 * were found, which its stamp identifies (docs/formats.md, "Places of sections").
 */

import { unlessFileFails } from "../errors.ts";
import type { Host } from "../host.ts";
import { stateFolder } from "../state_folder.ts";

/** A part of a file, in bytes. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/** The places of sections by kind and name; empty for a section that does not exist. */
export type Places = ReadonlyMap<string, readonly Place[]>;

/** What is known about one content of a file. */
export interface KnownPlaces {
  readonly stamp: string;
  readonly places: Places;
}

type PlacesHost = Pick<Host, "env" | "files" | "platform">;

/** Anyone who uses more profiles than this in turns reads the whole file now and then. */
const MOST_PLACES = 256;
const MOST_FILES = 8;

/** The places remembered for a file with this stamp; empty if there are none, or none that can be used. */
export function recallPlaces(host: PlacesHost, path: string, stamp: string): Places {
  const known = readMemory(host).get(path);
  return known?.stamp === stamp ? known.places : new Map();
}

/** Remembers places; with an unusable state folder they are lost, but the command succeeds. */
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
 * Reads only from a folder that is the user's own: anyone who could write there could hide a
 * section, though not add settings to one.
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

/** The content that {@linkcode render} writes, if nobody else has written. */
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
