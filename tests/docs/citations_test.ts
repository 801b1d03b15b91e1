/** Comments cite what a reader of the repository can open: public sources, and sections of `docs/`. */

import assert from "node:assert/strict";
import { type RepositoryFile, repositoryFiles as files, ROOT } from "./repository_files.ts";

/** Notes from which the program was written, and which were never part of the repository. */
const ABSENT =
  /\bpains\b|\b(contracts|design) \d|\((contracts|design)\b|\b(contracts|design|style)\.md/;
const COMMENT = /\/\*[^]*?\*\/|\/\/.*(?:\n *\/\/.*)*/g;
const CITATION = /\bdocs\/\w+\.md(?:, "([^"]+)")?/g;

/** The comments of a source, each in one line; what follows `//` in a string comes along. */
function comments(source: string): string[] {
  return (source.match(COMMENT) ?? []).map((text) => text.replaceAll(/\n *(?:\*|\/\/) ?/g, " "));
}

function headings(document: string): string[] {
  return [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
}

function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-");
}

Deno.test("no comment cites a document that is not in the repository", () => {
  const sources = files(/\.ts$/).flatMap(([path, text]) =>
    comments(text).map((comment): RepositoryFile => [path, comment])
  );
  const others = files(/\.(md|py|go|sh|txt)$/);
  assert.deepEqual([...sources, ...others].filter(([, text]) => ABSENT.test(text)), []);
});

Deno.test("every section of docs/ that a comment cites exists", () => {
  const documents = new Map(files(/\.md$/).map(([path, text]) => [path, headings(text)]));
  const citations = files(/\.ts$/).flatMap(([path, text]) =>
    comments(text).flatMap((comment) =>
      [...comment.matchAll(CITATION)].map(([citation, section]) => ({ path, citation, section }))
    )
  );
  const broken = citations.filter(({ citation, section }) => {
    const sections = documents.get(`./${citation.split(",")[0]}`);
    return sections === undefined || (section !== undefined && !sections.includes(section));
  });
  assert(citations.length > 20, "the citations are not found");
  assert.deepEqual(broken, []);
});

Deno.test("the links between the documents lead somewhere", () => {
  const documents = new Map(
    files(/\.md$/).map(([path, text]) => [new URL(path, ROOT).href, { path, text }]),
  );
  const broken = [...documents].flatMap(([base, { path, text }]) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)].filter(([, file, section]) => {
      const target = file === "" ? base : new URL(file!, base).href;
      if (section === "") return !isThere(target);
      const there = documents.get(target);
      return there === undefined || !headings(there.text).map(anchor).includes(section!);
    }).map(([link]) => `${path}: ${link}`)
  );
  assert.deepEqual(broken, []);
});

Deno.test("every test that SECURITY.md names exists", () => {
  const text = Deno.readTextFileSync(new URL("SECURITY.md", ROOT));
  const named = [...text.matchAll(/`((?:src|tests|backends)\/[^`]+)`/g)].map(([, path]) => path!);
  assert.deepEqual(named.filter((path) => !isThere(new URL(path, ROOT).href)), []);
});

function isThere(target: string): boolean {
  try {
    return Deno.statSync(new URL(target)) !== undefined;
  } catch {
    return false;
  }
}
