/** The files of a store of `pass` or `passage`, examined without the program: no secret is read. */

import { VaultError } from "../../src/errors.ts";
import type { Env, Platform } from "../../src/host.ts";
import type { FileInfo, Files } from "../../src/files.ts";
import { quote } from "../../src/text.ts";
import { DEEPEST_FOLDER, keyOfPassName, passNameOf, type PassNaming } from "./names.ts";

/** How `pass` and `passage` differ. */
export interface PassKind {
  readonly backend: "pass" | "passage";
  readonly extension: ".gpg" | ".age";
  /** The variable that gives the store's folder, to the program and to us. */
  readonly storeVariable: string;
  readonly defaultFolder: string;
}

/** The two programs. */
export const PASS_KINDS: Readonly<Record<PassKind["backend"], PassKind>> = {
  pass: {
    backend: "pass",
    extension: ".gpg",
    storeVariable: "PASSWORD_STORE_DIR",
    defaultFolder: "~/.password-store",
  },
  passage: {
    backend: "passage",
    extension: ".age",
    storeVariable: "PASSAGE_DIR",
    defaultFolder: "~/.passage/store",
  },
};

/** What flags and variables set for the store; absent: the program's default. */
export interface PassPlace {
  readonly passDir?: string | undefined;
  readonly passCmd?: string | undefined;
  readonly passPrefix?: string | undefined;
}

/** The store's folder: from the flag, else the program's own variable, else its default. */
export function resolvePassFolder(
  kind: PassKind,
  { env, platform }: { readonly env: Env; readonly platform: Platform },
  flag: string | undefined,
): string {
  const folder = flag || env.get(kind.storeVariable) || kind.defaultFolder;
  return expandHome(folder, platform).replace(/(?<=.)\/+$/, "");
}

/** Expands a leading `~` to the home folder; throws `bad-usage` if that is unknown. */
export function expandHome(path: string, platform: Platform): string {
  if (!/^~($|\/)/.test(path)) return path;
  if (platform.home !== undefined) return platform.home + path.slice(1);
  throw new VaultError("bad-usage", `Cannot find ${quote(path)}: the home folder is unknown`, {
    hints: ["Set HOME, or set AWS_VAULT_PASS_PASSWORD_STORE_DIR to an absolute path"],
  });
}

/** Which files are items. */
export interface PassStore {
  readonly folder: string;
  /** The name of a key for the program, including the prefix. */
  nameOf(key: string): string;
  /** The path of a key's file. */
  pathOf(key: string): string;
  has(key: string): boolean;
  keys(): string[];
}

/** The items of a store under its prefix. */
export function passStore(
  files: Files,
  folder: string,
  naming: PassNaming,
  os: Platform["os"],
): PassStore {
  return new PassFiles(files, folder, naming, os);
}

class PassFiles implements PassStore {
  readonly folder: string;
  readonly #files: Files;
  readonly #naming: PassNaming;
  readonly #os: Platform["os"];
  readonly #root: string;

  constructor(files: Files, folder: string, naming: PassNaming, os: Platform["os"]) {
    this.folder = folder;
    this.#files = files;
    this.#naming = naming;
    this.#os = os;
    this.#root = naming.prefix === "" ? folder : `${folder}/${naming.prefix}`;
  }

  nameOf(key: string): string {
    const name = passNameOf(key, this.#naming);
    return this.#naming.prefix === "" ? name : `${this.#naming.prefix}/${name}`;
  }

  pathOf(key: string): string {
    return `${this.folder}/${this.nameOf(key)}${this.#naming.extension}`;
  }

  /** On file systems that ignore case, `Work` finds the file of `work`. */
  has(key: string): boolean {
    const path = this.pathOf(key);
    if (this.#files.info(path)?.kind !== "file") return false;
    return this.#os === "linux" || this.#namesOnTheWay(path).every(([parent, name]) => {
      return this.#files.list(parent).some((other) => other.normalize() === name.normalize());
    });
  }

  keys(): string[] {
    return [...this.#names("", 1)].flatMap((name) => keyOfPassName(name, this.#naming) ?? []);
  }

  #namesOnTheWay(path: string): [parent: string, name: string][] {
    const parts = path.slice(this.#root.length + 1).split("/");
    return parts.map((name, at) => [[this.#root, ...parts.slice(0, at)].join("/"), name]);
  }

  *#names(inFolder: string, depth: number): Iterable<string> {
    const { extension } = this.#naming;
    for (const name of this.#files.list(inFolder ? `${this.#root}/${inFolder}` : this.#root)) {
      const path = inFolder ? `${inFolder}/${name}` : name;
      const kind = this.#kindOf(`${this.#root}/${path}`);
      if (kind === "folder" && name !== ".git" && depth < DEEPEST_FOLDER) {
        yield* this.#names(path, depth + 1);
      } else if (kind === "file" && name.endsWith(extension)) {
        yield path.slice(0, -extension.length);
      }
    }
  }

  /** Skips links to folders: one can lead out of the store, to all files of the machine, or in a circle. */
  #kindOf(path: string): FileInfo["kind"] | undefined {
    const kind = this.#files.info(path, { followLinks: false })?.kind;
    if (kind !== "link") return kind;
    return this.#files.info(path)?.kind === "file" ? "file" : undefined;
  }
}
