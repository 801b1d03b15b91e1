/**
 * Long-term keys in a password store of `pass` (GnuPG) or `passage` (age), each the keyring item as
 * JSON (docs/formats.md, "pass and passage").
 *
 * The programs are run to read and write; what there is, is seen by the names of files, so that
 * listing decrypts nothing and asks nobody.
 */

import { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";
import type { Talk } from "../../src/talk.ts";
import { quote } from "../../src/text.ts";
import { withFolderLock } from "../file/lock.ts";
import { decodeItem, encodeItem } from "../item.ts";
import { passJournal } from "./journal.ts";
import { parsePrefix } from "./names.ts";
import { requirePlain } from "./plain_path.ts";
import { requireStore } from "./probe.ts";
import { type PassLimits, type PassProgramDeps, runPass } from "./program.ts";
import { PASS_KINDS, type PassPlace, passStore, resolvePassFolder } from "./store.ts";

/** What these back ends touch. */
export type PassDeps =
  & PassProgramDeps
  & Pick<Host, "clock" | "random">
  & { readonly talk: Talk };

/** How the keyring is opened. */
export interface PassOptions extends PassPlace {
  /** Whether the programs may ask a person. */
  readonly mayPrompt: boolean;
  readonly limits?: PassLimits | undefined;
}

/** How often an item is read that changes meanwhile. */
const MOST_TRIES = 3;

/** Opens a password store. Nothing is read or run before the first use. */
export function openPassKeyring(
  backend: "pass" | "passage",
  deps: PassDeps,
  options: PassOptions,
): Keyring {
  const kind = PASS_KINDS[backend];
  const folder = resolvePassFolder(kind, deps, options.passDir);
  const prefix = parsePrefix(options.passPrefix ?? "");
  const store = passStore(
    deps.files,
    folder,
    { prefix, extension: kind.extension },
    deps.platform.os,
  );
  const journal = passJournal(deps, { kind, folder, prefix });
  const program = {
    backend,
    command: options.passCmd || backend,
    storeVariable: kind.storeVariable,
    folder,
    mayPrompt: options.mayPrompt,
    limits: options.limits,
  };
  return {
    backend,
    location: prefix === "" ? folder : `${folder}/${prefix}`,
    has,
    get: readItem,
    set: writeItem,
    remove: removeItem,
    keys,
    close: () => {},
  };

  async function has(key: string): Promise<boolean> {
    await settle(store.pathOf(key));
    return store.has(key);
  }

  async function readItem(key: string): Promise<Uint8Array | undefined> {
    for (let triesLeft = MOST_TRIES;; triesLeft--) {
      if (!await has(key)) return undefined;
      const before = await stamp(store.pathOf(key));
      try {
        return await readOnce(key);
      } catch (error) {
        // Somebody wrote it at the same time: what was read may have been half of it.
        if (triesLeft === 1 || await stamp(store.pathOf(key)) === before) throw error;
      }
    }
  }

  async function readOnce(key: string): Promise<Uint8Array> {
    const doing = `read ${quote(key)} from`;
    const output = await runPass(deps, program, { doing, args: ["show", store.nameOf(key)] });
    const place = `its file ${quote(store.pathOf(key))}`;
    return decodeItem(new TextDecoder().decode(output), key, place);
  }

  /** Changes whenever a write of the file begins or ends. */
  async function stamp(path: string): Promise<string> {
    const { modified, size } = deps.files.info(path) ?? {};
    return `${modified} ${size} ${await journal.isWriting(path)}`;
  }

  async function writeItem(key: string, item: KeyringItem): Promise<void> {
    const path = store.pathOf(key);
    requireStore(kind, deps, folder, prefix);
    await whileWriting(async () => {
      requirePlain(deps.files, folder, path, `store ${quote(key)} in ${backend}`);
      if (deps.files.info(path) && !store.has(key)) throw sameFile(key);
      await journal.write(key, async () => {
        await runPass(deps, program, {
          doing: `store ${quote(key)} in`,
          args: ["insert", "--multiline", "--force", store.nameOf(key)],
          stdin: encodeItem(key, item),
        });
      });
    });
  }

  async function removeItem(key: string): Promise<boolean> {
    if (!await has(key)) return false;
    return await whileWriting(async () => {
      if (!store.has(key)) return false;
      const doing = `remove ${quote(key)} from`;
      const path = store.pathOf(key);
      requirePlain(deps.files, folder, path, `${doing} ${backend}`);
      // The program removes a folder that becomes empty.
      deps.files.sweep(path.slice(0, path.lastIndexOf("/")));
      await runPass(deps, program, { doing, args: ["rm", "--force", store.nameOf(key)] });
      return true;
    });
  }

  async function keys(): Promise<string[]> {
    const found = store.keys();
    const settled: string[] = [];
    for (const key of found) {
      if (!await journal.isWriting(store.pathOf(key)) || await has(key)) settled.push(key);
    }
    return settled;
  }

  /** Waits for who is writing this item; where that was killed, puts back what was there before. */
  async function settle(path: string): Promise<void> {
    if (await journal.isWriting(path)) await whileWriting(() => Promise.resolve());
  }

  /** One at a time: the programs write into the same file, and their git commits stand in each other's way. */
  async function whileWriting<T>(action: () => Promise<T>): Promise<T> {
    return await withFolderLock(deps, folder, async () => {
      await journal.recover();
      return await action();
    });
  }
}

function sameFile(key: string): VaultError {
  return new VaultError(
    "conflict",
    `Cannot store ${quote(key)}: another item's name differs in case only, and this file system ` +
      "takes the two for one file",
    { hints: ["Choose another profile name, or another --backend"] },
  );
}
