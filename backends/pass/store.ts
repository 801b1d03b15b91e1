/** The files of a store of `pass` or `passage`, looked at without the program: no secret is read. */

import { VaultError } from "../../src/errors.ts";
import type { Env, Platform } from "../../src/host.ts";
import type { FileInfo, Files } from "../../src/files.ts";
import { quote } from "../../src/text.ts";
import { DEEPEST_FOLDER, keyOfPassName, passNameOf, type PassNaming } from "./names.ts";

/** What `pass` and `passage` do differently. */
export interface PassKind {
  readonly backend: "pass" | "passage";
  readonly extension: ".gpg" | ".age";
  /** Names the store's folder, to the program and to us. */
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

/** What flags and variables say about the store; absent: as the program has it. */
export interface PassPlace {
  readonly passDir?: string | undefined;
  readonly passCmd?: string | undefined;
  readonly passPrefix?: string | undefined;
}

/** The store's folder: the flag's, else the program's own variable, else its default. */
export function resolvePassFolder(
  kind: PassKind,
  { env, platform }: { readonly env: Env; readonly platform: Platform },
  flag: string | undefined,
): string {
  const folder = flag || env.get(kind.storeVariable) || kind.defaultFolder;
  return expandHome(folder, platform).replace(/(?<=.)\/+$/, "");
}

/** A `~` at the start is the home folder; throws `bad-usage` where that is unknown. */
export function expandHome(path: string, platform: Platform): string {
  if (!/^~($|\/)/.test(path)) return path;
  if (platform.home !== undefined) return platform.home + path.slice(1);
  throw new VaultError("bad-usage", `Cannot find ${quote(path)}: the home folder is unknown`, {
    hints: ["Set HOME, or set AWS_VAULT_PASS_PASSWORD_STORE_DIR to a whole path"],
  });
}

/** Which files are items. */
export interface PassStore {
  readonly folder: string;
  /** The name of a key for the program, prefix and all. */
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
  const root = naming.prefix === "" ? folder : `${folder}/${naming.prefix}`;
  const within = (name: string) => naming.prefix === "" ? name : `${naming.prefix}/${name}`;
  const nameOf = (key: string) => within(passNameOf(key, naming));
  const pathOf = (key: string) => `${folder}/${nameOf(key)}${naming.extension}`;

  /** Where upper and lower case are the same to the file system, `Work` finds the file of `work`. */
  function has(key: string): boolean {
    const path = pathOf(key);
    if (files.info(path)?.kind !== "file") return false;
    return os === "linux" || namesOnTheWay(path).every(([parent, name]) => {
      return files.list(parent).some((other) => other.normalize() === name.normalize());
    });
  }

  function namesOnTheWay(path: string): [parent: string, name: string][] {
    const parts = path.slice(root.length + 1).split("/");
    return parts.map((name, at) => [[root, ...parts.slice(0, at)].join("/"), name]);
  }

  /** A link to a folder is left alone: it can lead out of the store, to all files of the machine, or in a circle. */
  function kindOf(path: string): FileInfo["kind"] | undefined {
    const kind = files.info(path, { followLinks: false })?.kind;
    if (kind !== "link") return kind;
    return files.info(path)?.kind === "file" ? "file" : undefined;
  }

  function* names(inFolder: string, depth: number): Iterable<string> {
    for (const name of files.list(inFolder ? `${root}/${inFolder}` : root)) {
      const path = inFolder ? `${inFolder}/${name}` : name;
      const kind = kindOf(`${root}/${path}`);
      if (kind === "folder" && name !== ".git" && depth < DEEPEST_FOLDER) {
        yield* names(path, depth + 1);
      } else if (kind === "file" && name.endsWith(naming.extension)) {
        yield path.slice(0, -naming.extension.length);
      }
    }
  }

  function keys(): string[] {
    return [...names("", 1)].flatMap((name) => keyOfPassName(name, naming) ?? []);
  }

  return { folder, nameOf, pathOf, has, keys };
}
