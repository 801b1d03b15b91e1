/**
 * The names of keys for `pass` and `passage`: the key itself, with slashes for folders, as in the Go
 * keyring (docs/formats.md, "pass and passage").
 *
 * Some keys need another name: those that the programs refuse (`..`), misread (`-f`), or store under
 * another key's name (`a//b`). Such a name is a mark, then the key with what a file name cannot hold
 * percent-encoded. Ordinary names never begin with the mark, so keys and names match one to one.
 */

import { VaultError } from "../../src/errors.ts";
import { quote } from "../../src/text.ts";

/** Precedes the names of keys that cannot be names in the store. */
const MARK = "%aws-vault%";

/** What most file systems allow for a name, in bytes of UTF-8. */
const LONGEST_NAME_BYTES = 255;

/** How deep the store is searched: somebody else may have created its folders. */
export const DEEPEST_FOLDER = 16;

// deno-lint-ignore no-control-regex -- NUL cannot be in a file name, the others garble what git and tree print
const UNSAFE = /[%/\u0000-\u001f\u007f]/g;

/** Where the keys of a store are, and the extension of their files. */
export interface PassNaming {
  /** From {@linkcode parsePrefix}. */
  readonly prefix: string;
  /** `.gpg` or `.age`. */
  readonly extension: string;
}

/**
 * A prefix without leading, trailing or double slashes; throws `bad-usage` if it leaves the store.
 */
export function parsePrefix(text: string): string {
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  if (!parts.includes("..") && !parts[0]?.startsWith("-")) return parts.join("/");
  throw new VaultError("bad-usage", `Cannot use ${quote(text)} as a prefix in a password store`, {
    hints: ["Give --pass-prefix (AWS_VAULT_PASS_PREFIX) the name of a folder in the store"],
  });
}

/** The name of a key in the store, without its prefix; throws `unsupported` if it cannot be a file name. */
export function passNameOf(key: string, naming: PassNaming): string {
  const name = isPlain(key, naming) ? key : MARK + key.replace(UNSAFE, percent);
  if (key !== "" && key.isWellFormed() && fits(name, naming)) return name;
  throw new VaultError(
    "unsupported",
    `Cannot keep ${quote(key)} in a password store: its name is empty, too long for a file name ` +
      `(${LONGEST_NAME_BYTES} bytes), or not text`,
    { hints: ["Choose another profile name, or another --backend"] },
  );
}

/** The key of a name in the store, or `undefined` for a file that does not belong to a key. */
export function keyOfPassName(name: string, naming: PassNaming): string | undefined {
  try {
    const key = name.startsWith(MARK) ? decodeURIComponent(name.slice(MARK.length)) : name;
    return passNameOf(key, naming) === name ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a key can be passed to the programs unchanged, and the names of files give back the same
 * key.
 */
function isPlain(key: string, { prefix, extension }: PassNaming): boolean {
  if (key.startsWith(MARK) || (prefix === "" && key.startsWith("-"))) return false;
  // deno-lint-ignore no-control-regex -- see UNSAFE
  if (/[\u0000-\u001f\u007f]/.test(key)) return false;
  const parts = key.split("/");
  if (parts.length > DEEPEST_FOLDER) return false;
  // A folder with the same name as another key's file could not be created beside it.
  if (parts.slice(0, -1).some((part) => part.endsWith(extension))) return false;
  return parts.every((part) => !SPECIAL_PARTS.has(part));
}

/** Empty parts are lost; the others lead elsewhere, or are folders of git or of pass itself. */
const SPECIAL_PARTS: ReadonlySet<string> = new Set(["", ".", "..", ".git", ".extensions"]);

function fits(name: string, { extension }: PassNaming): boolean {
  const parts = (name + extension).split("/");
  return parts.every((part) => new TextEncoder().encode(part).length <= LONGEST_NAME_BYTES);
}

function percent(character: string): string {
  return "%" + character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}
