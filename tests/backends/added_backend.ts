/**
 * A back end that the program does not have, in one file: each item is a page of a folder.
 *
 * Run by itself, it is the program with that back end.
 */

import { BACKENDS as OURS } from "../../backends/mod.ts";
import { type Backend, defineBackend } from "../../src/backend.ts";
import { run } from "../../src/cli/run.ts";
import type { Keyring } from "../../src/keyring.ts";
import { systemHost } from "../../src/system/host.ts";
import type { TalkingHost } from "../../src/talk.ts";

/** The row: what the program knows of it. Being a test's, it seals nothing. */
export const notebook = defineBackend({
  name: "notebook",
  platforms: ["linux", "darwin", "windows"],
  isAutomatic: false,
  options: {
    folder: {
      kind: "text",
      flag: "--notebook-folder",
      variable: "AWS_VAULT_NOTEBOOK_FOLDER",
      placeholder: "folder",
      brief: "Folder of the notebook",
      default: "/notebook",
      namesPlace: true,
    },
    pin: { kind: "secret", variable: "NOTEBOOK_PIN", brief: "What opens the notebook" },
    maxItems: { kind: "count", variable: "AWS_VAULT_NOTEBOOK_PAGES", brief: "Its number of pages" },
  },
  probe: (_, { pin }) => pin === undefined ? "NOTEBOOK_PIN is not set" : undefined,
  open: ({ files }, { folder, ...others }) => {
    // @ts-expect-error -- a row gets the values of its own options only
    others.fileDir;
    return openNotebook(files, folder);
  },
});

/** The program's table with one row more. */
export const BACKENDS: readonly Backend[] = [...OURS, notebook];

function openNotebook(files: TalkingHost["files"], folder: string): Keyring {
  const encode = (key: string) => new TextEncoder().encode(key).toHex();
  const digest = async (key: string) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key))).toHex();
  // The name of an item is in its first line; that of its file is short whatever the key is.
  const pathOf = async (key: string) => `${folder}/${await digest(key)}`;
  return {
    backend: "notebook",
    location: `notebook ${folder}`,
    has: async (key) => files.info(await pathOf(key)) !== undefined,
    async get(key) {
      const page = files.readText(await pathOf(key));
      return page === undefined ? undefined : Uint8Array.fromHex(page.split("\n")[1]!);
    },
    async set(key, { data }) {
      files.makeFolder(folder);
      files.writeWhole(await pathOf(key), `${encode(key)}\n${data.toHex()}`);
    },
    remove: async (key) => files.remove(await pathOf(key)),
    keys() {
      const pages = files.list(folder).filter((name) => !name.startsWith("."));
      const names = pages.map((name) => files.readText(`${folder}/${name}`)!.split("\n")[0]!);
      const decoder = new TextDecoder();
      return Promise.resolve(names.map((name) => decoder.decode(Uint8Array.fromHex(name))));
    },
    close() {},
  };
}

if (import.meta.main) Deno.exit(await run(Deno.args, systemHost(), BACKENDS));
