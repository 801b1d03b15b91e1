/**
 * Long-term keys in a password store of `pass` (GnuPG) or `passage` (age), each the keyring item as
 * JSON (docs/formats.md, "pass and passage").
 *
 * The programs are run to read and write. The names of files show which items exist, so listing
 * decrypts nothing and asks nobody.
 */

import { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";
import type { Talk } from "../../src/talk.ts";
import { quote } from "../../src/text.ts";
import { withFolderLock } from "../file/lock.ts";
import { decodeItem, encodeItem, publicNameOfText } from "../item.ts";
import { requireFileOrNothing } from "../item_place.ts";
import { type JournaledStore, type PassJournal, passJournal } from "./journal.ts";
import { parsePrefix } from "./names.ts";
import { requirePlain } from "./plain_path.ts";
import { requireStore } from "./probe.ts";
import {
  type PassCall,
  type PassLimits,
  type PassProgram,
  type PassProgramDeps,
  runPass,
} from "./program.ts";
import {
  PASS_KINDS,
  type PassKind,
  type PassPlace,
  type PassStore,
  passStore,
  resolvePassFolder,
} from "./store.ts";

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

/** What an item holds. */
interface Read {
  readonly data: Uint8Array;
  readonly publicName: string | undefined;
}

/** How often an item is read if it changes during the read. */
const MOST_TRIES = 3;

/** Opens a password store. Nothing is read or run before the first use. */
export function openPassKeyring(
  backend: PassKind["backend"],
  deps: PassDeps,
  options: PassOptions,
): Keyring {
  const kind = PASS_KINDS[backend];
  const folder = resolvePassFolder(kind, deps, options.passDir);
  const prefix = parsePrefix(options.passPrefix ?? "");
  return new PassKeyring(deps, { kind, folder, prefix }, {
    backend,
    command: options.passCmd || backend,
    storeVariable: kind.storeVariable,
    folder,
    mayPrompt: options.mayPrompt,
    limits: options.limits,
  });
}

class PassKeyring implements Keyring {
  readonly backend: PassKind["backend"];
  readonly location: string;
  readonly #deps: PassDeps;
  readonly #place: JournaledStore;
  readonly #program: PassProgram;
  readonly #store: PassStore;
  readonly #journal: PassJournal;

  constructor(deps: PassDeps, place: JournaledStore, program: PassProgram) {
    const { folder, prefix, kind: { backend, extension } } = place;
    this.backend = backend;
    this.location = prefix === "" ? folder : `${folder}/${prefix}`;
    this.#deps = deps;
    this.#place = place;
    this.#program = program;
    this.#store = passStore(deps.files, folder, { prefix, extension }, deps.platform.os);
    this.#journal = passJournal(deps, place);
  }

  async has(key: string): Promise<boolean> {
    const path = this.#store.pathOf(key);
    await this.#settle(path);
    requireFileOrNothing(this.#deps.files, path);
    return this.#store.has(key);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    for (let triesLeft = MOST_TRIES;; triesLeft--) {
      if (!await this.has(key)) return undefined;
      const before = await this.#stamp(this.#store.pathOf(key));
      try {
        const { data, publicName } = await this.#read(key);
        const path = this.#store.pathOf(key);
        const isSame = publicName && await this.#stamp(path) === before;
        if (isSame) await this.#recordName(path, publicName);
        return data;
      } catch (error) {
        // Another process wrote it at the same time: what was read may be incomplete.
        if (triesLeft === 1) throw error;
        if (await this.#stamp(this.#store.pathOf(key)) === before) throw error;
      }
    }
  }

  async set(key: string, item: KeyringItem): Promise<void> {
    const path = this.#store.pathOf(key);
    const { kind, folder, prefix } = this.#place;
    requireStore(kind, this.#deps, folder, prefix);
    await this.#whileWriting(async () => {
      requirePlain(this.#deps.files, folder, path, `store ${quote(key)} in ${this.backend}`);
      if (this.#deps.files.info(path) && !this.#store.has(key)) throw sameFile(key);
      await this.#journal.write(key, () => this.#insert(key, item));
      if (item.publicName) await this.#recordName(path, item.publicName);
    });
  }

  async hasPublicName(key: string, publicName: string): Promise<boolean | undefined> {
    const { hasContentName } = await import("./content_name.ts");
    return await hasContentName(this.#deps, this.#store.pathOf(key), publicName);
  }

  async remove(key: string): Promise<boolean> {
    await this.#settle(this.#store.pathOf(key));
    if (!this.#store.has(key)) return false;
    return await this.#whileWriting(async () => {
      if (!this.#store.has(key)) return false;
      const doing = `remove ${quote(key)} from`;
      const path = this.#store.pathOf(key);
      requirePlain(this.#deps.files, this.#place.folder, path, `${doing} ${this.backend}`);
      // The program removes a folder that becomes empty.
      this.#deps.files.sweep(path.slice(0, path.lastIndexOf("/")));
      await this.#run({ doing, args: ["rm", "--force", this.#store.nameOf(key)] });
      return true;
    });
  }

  async keys(): Promise<string[]> {
    const settled: string[] = [];
    for (const key of this.#store.keys()) {
      const isWriting = await this.#journal.isWriting(this.#store.pathOf(key));
      if (!isWriting || await this.has(key)) settled.push(key);
    }
    return settled;
  }

  close(): void {}

  async #run(call: PassCall): Promise<Uint8Array> {
    return await runPass(this.#deps, this.#program, call);
  }

  async #recordName(path: string, publicName: string): Promise<void> {
    const { recordContentName } = await import("./content_name.ts");
    await recordContentName(this.#deps, path, publicName);
  }

  async #read(key: string): Promise<Read> {
    const doing = `read ${quote(key)} from`;
    const output = await this.#run({ doing, args: ["show", this.#store.nameOf(key)] });
    const place = `its file ${quote(this.#store.pathOf(key))}`;
    const text = new TextDecoder().decode(output);
    return { data: decodeItem(text, key, place), publicName: publicNameOfText(text) };
  }

  async #insert(key: string, item: KeyringItem): Promise<void> {
    await this.#run({
      doing: `store ${quote(key)} in`,
      args: ["insert", "--multiline", "--force", this.#store.nameOf(key)],
      stdin: encodeItem(key, item),
    });
  }

  /** A value that changes whenever a write of the file begins or ends. */
  async #stamp(path: string): Promise<string> {
    const { modified, size } = this.#deps.files.info(path) ?? {};
    return `${modified} ${size} ${await this.#journal.isWriting(path)}`;
  }

  /** Waits for the process that is writing this item; if it was killed, restores the previous content. */
  async #settle(path: string): Promise<void> {
    if (await this.#journal.isWriting(path)) await this.#whileWriting(() => Promise.resolve());
  }

  /** One at a time: the programs write to the same file, and their git commits conflict. */
  async #whileWriting<T>(action: () => Promise<T>): Promise<T> {
    return await withFolderLock(this.#deps, this.#place.folder, async () => {
      await this.#journal.recover();
      return await action();
    });
  }
}

function sameFile(key: string): VaultError {
  return new VaultError(
    "conflict",
    `Cannot store ${
      quote(key)
    }: the name of another item differs only in case, and this file system ` +
      "treats the two as one file",
    { hints: ["Choose another profile name, or another --backend"] },
  );
}
