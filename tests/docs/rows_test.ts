/** What is many is a table of rows: no other code asks for one of them by its name. */

import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import { PROMPT_DRIVERS } from "../../src/prompt/driver_names.ts";
import { repositoryFiles } from "./repository_files.ts";

/** A kind of file on a disk, too; and the one way to ask that is not another program. */
const OTHERWISE_USED = new Set(["file", "terminal"]);

const NAMES = [
  ...BACKENDS.map(({ name }) => name),
  ...SOURCES.map(({ kind }) => kind),
  ...PROMPT_DRIVERS,
].filter((name) => !OTHERWISE_USED.has(name));

/** A back end's folder knows its own rows, and `src/aws` knows AWS's actions, of which some name sources. */
const OTHER_CODE = /^\.\/(src\/(?!aws\/).*|backends\/[^/]+)(?<!_test)\.ts$/;

Deno.test("no code compares a back end, a source or a prompt with a name", () => {
  const names = NAMES.map((name) => name.replaceAll(".", "\\.")).join("|");
  const question = new RegExp(`(?:[!=]==?|\\bcase) "(?:${names})"`, "g");
  const asked = repositoryFiles(OTHER_CODE)
    .flatMap(([path, text]) => (text.match(question) ?? []).map((found) => `${path}: ${found}`));
  assert.deepEqual(asked, []);
});

Deno.test("no code outside its folder compares an opened keystore with the name of a back end", () => {
  const names = BACKENDS.map(({ name }) => name).join("|");
  const question = new RegExp(`\\bbackend(?:\\.name)? [!=]==? "(?:${names})"`, "g");
  const asked = repositoryFiles(OTHER_CODE)
    .flatMap(([path, text]) => (text.match(question) ?? []).map((found) => `${path}: ${found}`));
  assert.deepEqual(asked, []);
});
