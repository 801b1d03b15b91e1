/** Changing the config file on disk. */

import type { Host } from "../host.ts";
import { type ConfigFile, openConfig } from "./config_file.ts";
import { addSection } from "./edit.ts";
import { encodeRaw } from "../raw_text.ts";
import { decodeText } from "./file_text.ts";

/**
 * Changes a file: reads it, passes its text to `edit`, and writes the whole result.
 *
 * Every byte that the edit does not change stays, also bytes that are not UTF-8 (`decodeText`).
 * Nothing is written if the text stays the same. An existing file keeps its mode and its place
 * behind a symbolic link; a new one gets 0600, and its folder 0700. Throws `file-failed`,
 * `bad-config` for UTF-16, and what `edit` throws.
 */
export function editFile(
  host: Pick<Host, "files">,
  path: string,
  edit: (text: string, path: string) => string,
): void {
  const before = readEditable(host, path);
  const after = edit(before ?? "", path);
  if (after === (before ?? "")) return;
  const folder = folderOf(path);
  if (before === undefined && folder !== "") host.files.makeFolder(folder, { shared: true });
  host.files.writeWhole(path, encodeRaw(after));
}

/** The text of a file as `editFile` passes it to an edit; `undefined` if there is no file. */
export function readEditable(host: Pick<Host, "files">, path: string): string | undefined {
  const bytes = host.files.readBytes(path);
  return bytes && decodeText(bytes, path);
}

/** Settings of a new profile. */
type Settings = readonly (readonly [key: string, value: string])[];

/**
 * Adds a profile at the end of the config file, read again first; see `addSection` for what it
 * refuses.
 *
 * Without settings, a profile that exists by then is as good: another process may have added it.
 */
export function addProfile(
  host: Pick<Host, "files">,
  config: Pick<ConfigFile, "path">,
  name: string,
  settings: Settings,
): void {
  editFile(host, config.path, (text, path) => withProfile(text, path, name, settings));
}

/** Throws what `addProfile` would throw for the profile, before a key is stored for it. */
export function requireAddable(
  host: Pick<Host, "files">,
  config: Pick<ConfigFile, "path">,
  name: string,
): void {
  withProfile(readEditable(host, config.path) ?? "", config.path, name, []);
}

function withProfile(text: string, path: string, name: string, settings: Settings): string {
  const isThere = openConfig(text, path).profile(name) !== undefined;
  if (isThere && settings.length === 0) return text;
  return addSection(text, path, { kind: "profile", name }, settings);
}

/** The path without its last part; empty if it has only one. */
function folderOf(path: string): string {
  return path.replace(/[/\\]?[^/\\]*$/, "");
}
