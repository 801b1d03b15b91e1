/**
 * Compares the parts of a program that are not in the repository with `scripts/deno.sha256`: the Deno
 * that compiles, and the runtime base that is embedded.
 *
 * Deno itself compares nothing: it embeds whatever its cache has under the name of a base.
 */

import { unzip } from "./unzip.ts";

/** SHA-256 in hexadecimal, by name: `deno-2.9.6-TARGET`, `denort-2.9.6-TARGET`. */
export type Pins = ReadonlyMap<string, string>;

/** A file that will be used. */
export interface Ingredient {
  /** Its name in the table. */
  readonly name: string;
  readonly sha256: string;
  /** The variable that named this file. */
  readonly givenBy?: "OFFLINE_DENO" | "DENORT_BIN";
}

const TABLE = new URL("deno.sha256", import.meta.url);

/** Where Deno publishes its releases, including the bases. */
export const DOWNLOADS = "https://dl.deno.land/release";

/** The table in the repository. */
export async function readPins(): Promise<Pins> {
  return parsePins(await Deno.readTextFile(TABLE));
}

/** Parses lines as `sha256sum` writes them; other lines are comments. */
export function parsePins(text: string): Pins {
  return new Map([...text.matchAll(/^([0-9a-f]{64}) {2}(\S+)$/gm)].map(([, sum, name]) => [
    name ?? "",
    sum ?? "",
  ]));
}

/**
 * Throws an `Error` if a file differs from the one in the table, and with `isPinned` (`--pinned`) also if
 * the table does not list it.
 *
 * Otherwise a file that was given by hand is the person's decision, and one of another release of Deno has
 * nothing to compare with: in both cases a note that describes it is returned.
 */
export function checkIngredient(
  pins: Pins,
  { name, sha256, givenBy }: Ingredient,
  isPinned: boolean,
): string | undefined {
  const wanted = pins.get(name);
  if (wanted === sha256) return undefined;
  if (!isPinned && (givenBy !== undefined || wanted === undefined)) {
    return `note: ${givenBy ?? "Deno"} gives "${name}" with the SHA-256 ${sha256}, ` +
      (wanted === undefined ? "which scripts/deno.sha256 does not name" : `not ${wanted}`);
  }
  if (wanted === undefined) throw notPinned(name);
  throw new Error(
    `Cannot use "${name}": its SHA-256 is ${sha256}, not ${wanted} as scripts/deno.sha256 says\n` +
      "hint: It was changed on its way or in Deno's cache, or comes from elsewhere than Deno's releases: " +
      "get it again",
  );
}

function notPinned(name: string): Error {
  return new Error(
    `Cannot use "${name}": scripts/deno.sha256 does not name it\n` +
      "hint: Compile with the Deno of that table, add the line with `deno task pin` (docs/releasing.md), " +
      "or compile without --pinned",
  );
}

/**
 * Compares a file that will be used: {@linkcode checkIngredient} with the table and a place for
 * notes.
 */
export type Compare = (ingredient: Ingredient) => void | Promise<void>;

/**
 * A runtime base to compile with: from Deno's own cache, or downloaded as Deno does it. The executable, not
 * the archive, is compared and given to Deno: the other contents of the archive do not matter.
 */
export async function obtainBase(
  compare: Compare,
  version: string,
  target: string,
  cache: string,
  get: (url: string) => Promise<Response> = fetch,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = basePath(cache, version, target);
  const kept = await Deno.readFile(path).catch(() => undefined);
  const archive = kept ?? await download(`${DOWNLOADS}/v${version}/denort-${target}.zip`, get);
  const base = await unzip(archive, executableName("denort", target));
  await compare({ name: `denort-${version}-${target}`, sha256: await sha256(base) });
  if (kept === undefined) await keepBase(archive, path);
  return base;
}

/** The name of a Deno program in its archive for a platform. */
export function executableName(program: "deno" | "denort", target: string): string {
  return target.includes("windows") ? `${program}.exe` : program;
}

/** Where Deno looks for a base in a `DENO_DIR` before it downloads one. */
export function basePath(denoDir: string, version: string, target: string): string {
  return `${denoDir}/dl/release/v${version}/denort-${target}.zip`;
}

async function keepBase(bytes: Uint8Array, path: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, bytes);
}

async function download(
  url: string,
  get: (url: string) => Promise<Response>,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await get(url).catch((error) => fail(url, error.message));
  if (!response.ok) return fail(url, `${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

function fail(url: string, why: string): never {
  throw new Error(
    `Cannot download Deno's runtime base from ${url}: ${why}\n` +
      "hint: Set DENORT_BIN to a base, and OFFLINE_DENO to the Deno of the same release",
  );
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
