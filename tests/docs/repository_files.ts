/** What people wrote in this repository, for tests that read it. */

/** The repository's folder. */
export const ROOT = new URL("../../", import.meta.url);

const FOLDERS = [".ci", ".github", "src", "backends", "scripts", "tests", "packaging", "docs"];

/** A file's path, which starts with `./`, and its text. */
export type RepositoryFile = readonly [path: string, text: string];

/** The files whose names match, without the vectors of others. */
export function repositoryFiles(name: RegExp): RepositoryFile[] {
  const found: string[] = [];
  const visit = (folder: string, isDeep: boolean) => {
    for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
      if (!entry.isDirectory && name.test(entry.name)) found.push(folder + entry.name);
      if (entry.isDirectory && isDeep) visit(`${folder}${entry.name}/`, true);
    }
  };
  visit("./", false);
  for (const folder of FOLDERS) visit(`./${folder}/`, true);
  return found.filter((path) => !path.startsWith("./tests/vectors/"))
    .map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]);
}
