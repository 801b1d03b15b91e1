/**
 * Writes `scripts/deno.sha256`: `deno task pin VERSION`.
 *
 * Every Deno and runtime base of a release is downloaded from where Deno itself gets them. Its archive is
 * compared with the SHA-256 that GitHub lists for the files of that release: an attacker would have to
 * control both places. The table contains the hash of the executable in the archive, because that is what
 * runs and is embedded. Lines of that release that are already in the table must not change. Lines of other
 * releases are removed, except those of the oldest supported one: CI compiles with its bases where none can
 * be downloaded.
 */

import { TARGETS } from "./build_plan.ts";
import { DOWNLOADS, executableName, parsePins, type Pins, sha256 } from "./pinned_deno.ts";
import { unzip } from "./unzip.ts";

const TABLE = new URL("deno.sha256", import.meta.url);

/** GitHub's data on a release (REST API, "Get a release by tag name"), with a `digest` for each asset. */
const RELEASES = "https://api.github.com/repos/denoland/deno/releases/tags";

/** The oldest release of Deno that the project supports. */
export const OLDEST = "2.7.11";

/** A file of a release of Deno. */
interface Published {
  /** The name of its content in the table. */
  readonly name: string;
  readonly archive: string;
  readonly executable: string;
}

/** The files of a Deno release from which a release of this program is made. */
export function publishedFiles(version: string): Published[] {
  return TARGETS.flatMap((target) =>
    (["deno", "denort"] as const).map((program) => ({
      name: `${program}-${version}-${target}`,
      archive: `${program}-${target}.zip`,
      executable: executableName(program, target),
    }))
  );
}

/** Downloads a file. */
export type Get = (url: string) => Promise<Response>;

/** The SHA-256 of each file of a release. Throws an `Error` if two places differ, or one lacks a file. */
export async function obtainPins(version: string, known: Pins, get: Get = fetch): Promise<Pins> {
  const digests = await readDigests(version, get);
  const found = new Map<string, string>();
  for (const { name, archive, executable } of publishedFiles(version)) {
    const url = `${DOWNLOADS}/v${version}/${archive}`;
    const bytes = new Uint8Array(await (await obtain(url, get)).arrayBuffer());
    requireSame(`The archive ${url}`, await sha256(bytes), "GitHub's", digests.get(archive));
    const sum = await sha256(await unzip(bytes, executable));
    requireSame(`"${name}"`, sum, "scripts/deno.sha256's", known.get(name) ?? sum);
    found.set(name, sum);
  }
  return found;
}

async function readDigests(version: string, get: Get): Promise<Pins> {
  const { assets } = await (await obtain(`${RELEASES}/v${version}`, get)).json() as {
    readonly assets: readonly { readonly name: string; readonly digest?: string | null }[];
  };
  return new Map(assets.flatMap(({ name, digest }) => {
    const sum = /^sha256:([0-9a-f]{64})$/.exec(digest ?? "")?.[1];
    return sum === undefined ? [] : [[name, sum]];
  }));
}

async function obtain(url: string, get: Get): Promise<Response> {
  const response = await get(url);
  if (response.ok) return response;
  throw new Error(`Cannot download ${url}: ${response.status} ${response.statusText}`);
}

function requireSame(what: string, found: string, whose: string, wanted: string | undefined): void {
  if (found === wanted) return;
  const other = wanted === undefined ? "there is none" : `it is ${wanted}`;
  throw new Error(`${what} has the SHA-256 ${found}, and ${whose} is another: ${other}`);
}

/** The table with new lines in place of the old ones, below its existing comment. */
export function renderPins(old: string, found: Pins): string {
  const kept = [...parsePins(old)].filter(([name]) => name.includes(`-${OLDEST}-`));
  const lines = [...new Map([...kept, ...found])].toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([name, sum]) => `${sum}  ${name}`);
  const comment = old.split("\n").filter((line) => line.startsWith("#"));
  return `${[...comment, ...lines].join("\n")}\n`;
}

async function main([version]: readonly string[]): Promise<number> {
  if (version === undefined) {
    console.error("usage: deno task pin VERSION");
    return 2;
  }
  try {
    const old = await Deno.readTextFile(TABLE);
    await Deno.writeTextFile(TABLE, renderPins(old, await obtainPins(version, parsePins(old))));
    return 0;
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    console.error("hint: Nothing was written");
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
