/** A clone works on every system: Windows has no files of some names, and compares names without case. */

import assert from "node:assert/strict";
import { ROOT } from "./repository_files.ts";

/** What Git and the builds make. */
const OTHERS = new Set([".git", "coverage", "dist", "node_modules", "out"]);

/** Not a device of Windows, and nothing that one of the systems refuses, changes or shows otherwise. */
const PORTABLE = /^(?!(?:aux|con|nul|prn|com\d|lpt\d)(?:\.|$))[\w.@+-]*[\w@+-]$/i;

/** The paths of all files, and of folders that are not called so everywhere. */
function paths(folder = "./"): string[] {
  const entries = [...Deno.readDirSync(new URL(folder, ROOT))];
  return entries.filter(({ name }) => !OTHERS.has(name)).flatMap(({ name, isDirectory }) =>
    isDirectory && PORTABLE.test(name) ? paths(`${folder}${name}/`) : [folder + name]
  );
}

Deno.test("every file of the repository has a name that each system can have", () => {
  const found = paths();
  const odd = found.filter((path) => !PORTABLE.test(path.slice(path.lastIndexOf("/") + 1)));
  assert.deepEqual(odd, []);
  assert.equal(new Set(found.map((path) => path.toLowerCase())).size, found.length);
});
