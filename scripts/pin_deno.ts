/**
 * Writes `scripts/deno.sha256` from files that were downloaded: `deno task pin VERSION FOLDER`.
 *
 * The folder has the files of one release of Deno, `denort-TARGET.zip` as they are published and
 * `deno-TARGET` unpacked. What it lacks keeps its line; other releases lose theirs, but for the oldest one
 * that is supported, with whose bases CI compiles where none can be downloaded. Anyone who reviews the
 * change compares it with what Deno publishes.
 */

import { TARGETS } from "./compile.ts";
import { parsePins, type Pins, sha256 } from "./pinned_deno.ts";

const TABLE = new URL("deno.sha256", import.meta.url);

/** The oldest release of Deno that the project supports. */
export const OLDEST = "2.7.11";

/** The table's names for the files of a release of Deno, by the names of the files. */
export function pinnedFiles(version: string): Map<string, string> {
  return new Map(TARGETS.flatMap((target) => [
    [`deno-${target}`, `deno-${version}-${target}`],
    [`denort-${target}.zip`, `denort-${version}-${target}.zip`],
  ]));
}

/** The table with new lines in the place of its old ones, under the comment that it has. */
export function renderPins(old: string, version: string, found: Pins): string {
  const kept = parsePins(old);
  const oldest = [...kept.keys()].filter((name) => name.includes(`-${OLDEST}-`));
  const names = new Set([...pinnedFiles(version).values(), ...oldest]);
  const lines = [...names].toSorted().flatMap((name) => {
    const sum = found.get(name) ?? kept.get(name);
    return sum === undefined ? [] : [`${sum}  ${name}`];
  });
  const comment = old.split("\n").filter((line) => line.startsWith("#"));
  return `${[...comment, ...lines].join("\n")}\n`;
}

async function main([version, folder]: readonly string[]): Promise<number> {
  if (version === undefined || folder === undefined) {
    console.error("usage: deno task pin VERSION FOLDER");
    return 2;
  }
  const found = new Map<string, string>();
  for (const [file, name] of pinnedFiles(version)) {
    const bytes = await Deno.readFile(`${folder}/${file}`).catch(() => undefined);
    if (bytes) found.set(name, await sha256(bytes));
  }
  const table = renderPins(await Deno.readTextFile(TABLE), version, found);
  await Deno.writeTextFile(TABLE, table);
  const missing = [...pinnedFiles(version).values()].filter((name) => !parsePins(table).has(name));
  for (const name of missing) console.error(`not pinned: ${name}`);
  return missing.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
