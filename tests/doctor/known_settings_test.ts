/** What the program reads, `doctor` knows. */

import assert from "node:assert/strict";
import { sourceSettings } from "../../src/credentials/source.ts";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import { KNOWN_SESSION_SETTINGS, KNOWN_SETTINGS } from "../../src/doctor/known_settings.ts";
import { repositoryFiles } from "../docs/repository_files.ts";

Deno.test("every setting that is read is known", () => {
  const own = new Set([...KNOWN_SETTINGS, ...sourceSettings(SOURCES)]);
  const reads = /\b(?:text|active|either|getText|pick|get)\((?:"[A-Z_]+",\s*)?"([a-z][a-z_]+)"/g;
  const read = repositoryFiles(/^\.\/src\/config\/.*(?<!_test)\.ts$/)
    .flatMap(([, text]) => [...text.matchAll(reads)].map(([, key]) => key!));
  assert(read.length > 20, `only ${read.length} settings were found`);
  const unknown = read.filter((key) => !own.has(key) && !KNOWN_SESSION_SETTINGS.has(key));
  assert.deepEqual(unknown, []);
});
