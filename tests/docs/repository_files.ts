/** What people wrote in this repository, for tests that read it. */

/** The repository's folder. */
export const ROOT = new URL("../../", import.meta.url);

const FOLDERS = [".ci", ".github", "src", "backends", "scripts", "tests", "packaging", "docs"];

/** A file's path, which starts with `./`, and its text. */
export type RepositoryFile = readonly [path: string, text: string];

/** The files whose paths match, without the vectors of others; throws where there is none. */
export function repositoryFiles(wanted: RegExp): RepositoryFile[] {
  const found: string[] = [];
  const visit = (folder: string, isDeep: boolean) => {
    for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
      const path = folder + entry.name;
      if (!entry.isDirectory && wanted.test(path)) found.push(path);
      if (entry.isDirectory && isDeep) visit(`${folder}${entry.name}/`, true);
    }
  };
  visit("./", false);
  for (const folder of FOLDERS) visit(`./${folder}/`, true);
  // A test that reads nothing would never fail.
  if (found.length === 0) throw new Error(`no file is called as ${wanted} says`);
  return found.filter((path) => !path.startsWith("./tests/vectors/"))
    .map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]);
}
