/**
 * How the file store names its files: the name is the key, and characters that a file name cannot
 * hold are percent-encoded, as the Go keyring does for `%` and `/` (docs/formats.md, "File store").
 *
 * A file name counts as a key only if encoding its key gives exactly that name. So a key has one
 * name, and every other file in the folder is a stray.
 */

import { VaultError } from "../../src/errors.ts";
import type { Platform } from "../../src/host.ts";
import { quote } from "../../src/text.ts";

/**
 * What most file systems allow for a name, in bytes of UTF-8 (Linux NAME_MAX; APFS and NTFS about
 * the same).
 */
const LONGEST_NAME_BYTES = 255;

/** The temporary files of `Files.writeWhole`, which a killed process leaves behind. */
const TEMPORARY = /^\.aws-vault-[0-9a-f]{16}\.tmp$/;

// deno-lint-ignore no-control-regex -- NUL cannot be in a file name, and is allowed in a key
const POSIX_UNSAFE = /[%/\u0000]/g;
/** Windows refuses these, and `:` would silently open an alternate stream of another file. */
// deno-lint-ignore no-control-regex -- control characters are what Windows refuses
const WINDOWS_UNSAFE = /[%/\u0000-\u001f<>:"\\|?*]/g;
/** Names of devices, in any folder and with any extension (Microsoft, "Naming Files, Paths, and Namespaces"). */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])( *\.|$)/i;

/** The file name of a key. Throws `unsupported` for a key that no file name can hold. */
export function fileNameOf(key: string, os: Platform["os"]): string {
  // A lone surrogate becomes U+FFFD on its way to the system: two keys would share a file.
  if (key === "" || !key.isWellFormed()) {
    throw new VaultError(
      "unsupported",
      `Cannot store ${quote(key)} in a file: it is not possible as a file name`,
    );
  }
  const name = os === "windows" ? windowsName(key) : posixName(key);
  if (new TextEncoder().encode(name).length > LONGEST_NAME_BYTES) {
    throw new VaultError(
      "unsupported",
      `Cannot store ${quote(key)} in a file: the name is too long for a file name ` +
        `(${LONGEST_NAME_BYTES} bytes at most)`,
      { hints: ["Choose a shorter profile name, or another --backend"] },
    );
  }
  return name;
}

/** The key that a file belongs to, or `undefined` for a file that is not part of the store. */
export function keyOfFileName(name: string, os: Platform["os"]): string | undefined {
  let key: string;
  try {
    key = decodeURIComponent(name);
  } catch {
    return undefined;
  }
  try {
    return fileNameOf(key, os) === name ? key : undefined;
  } catch {
    return undefined;
  }
}

function posixName(key: string): string {
  return encodeSpecialName(key.replace(POSIX_UNSAFE, percent));
}

function windowsName(key: string): string {
  const name = encodeSpecialName(key.replace(WINDOWS_UNSAFE, percent));
  const device = WINDOWS_DEVICE.test(name) ? percent(name[0]!) + name.slice(1) : name;
  // Windows drops a trailing dot or space, and would then open another key's file.
  return device.replace(/[. ]$/, percent);
}

/** `.` and `..` are folders, and a temporary file's name is not a key's. */
function encodeSpecialName(name: string): string {
  return name === "." || name === ".." || TEMPORARY.test(name)
    ? percent(".") + name.slice(1)
    : name;
}

function percent(character: string): string {
  return "%" + character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}
