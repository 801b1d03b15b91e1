/** What is exported is for other files. */

import assert from "node:assert/strict";
import { repositoryFiles } from "./repository_files.ts";

const EXPORT = /^export (?:async )?(?:function\*?|const|class) (\w+)/gm;

Deno.test("no function, constant or class is exported that only its own file uses", () => {
  const texts = repositoryFiles(/\.ts$/).map(([path, text]) => ({
    path,
    text,
    words: new Set(text.match(/\w+/g)),
  }));
  const program = texts.filter(({ path }) => /^\.\/(src|backends)\//.test(path));
  const unused = program.flatMap(({ path, text }) =>
    [...text.matchAll(EXPORT)].map(([, name]) => name!)
      .filter((name) => !texts.some((other) => other.path !== path && other.words.has(name)))
      .map((name) => `${path}: ${name}`)
  );
  assert.deepEqual(unused, []);
});
