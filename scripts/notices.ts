/** The licences of the binary's contents, which are released beside it. */

import { packageFolders } from "./staged_source.ts";

const DENO = `deno, and V8 and the Rust libraries within it

The runtime is part of this program. It is under the MIT License, Copyright 2018-2026 the Deno authors;
the licences of its parts are in its own repository, https://github.com/denoland/deno.
`;

/** One text with the licence of every package in the program's module graph. */
export async function thirdPartyNotices(deno: string, root: string): Promise<string> {
  const notices = [DENO];
  for (const { name, version, folder } of await packageFolders(deno, root)) {
    notices.push(`${name} ${version}\n\n${licenceIn(folder)}\n`);
  }
  return notices.join(`\n${"-".repeat(72)}\n\n`);
}

function licenceIn(folder: string): string {
  const file = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file !== undefined) return Deno.readTextFileSync(`${folder}/${file}`).trim();
  const manifest = JSON.parse(Deno.readTextFileSync(`${folder}/package.json`));
  return `Licence: ${manifest.license}. Author: ${authorOf(manifest.author)}`;
}

function authorOf(author: unknown): string {
  const name = typeof author === "string"
    ? author
    : (author as { name?: string } | undefined)?.name;
  return name ?? "see its repository";
}
