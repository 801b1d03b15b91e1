/** Changing the config file on disk. */

import type { Host } from "../host.ts";
import { type ConfigFile, openConfig } from "./config_file.ts";
import { addSection } from "./edit.ts";

/**
 * Changes a file: reads it, hands its text to `edit`, and writes the result whole.
 *
 * Nothing is written where the text stays the same. An existing file keeps its mode and its place behind
 * a symbolic link; a new one gets 0600, and its folder 0700. Throws `file-failed`, and what `edit` throws.
 */
export function editFile(
  host: Pick<Host, "files">,
  path: string,
  edit: (text: string, path: string) => string,
): void {
  const before = host.files.readText(path);
  const after = edit(before ?? "", path);
  if (after === (before ?? "")) return;
  const folder = folderOf(path);
  if (before === undefined && folder !== "") host.files.makeFolder(folder, { shared: true });
  host.files.writeWhole(path, after);
}

/**
 * Adds a profile at the end of the config file, read again; see `addSection` for what it refuses.
 *
 * Without settings a profile that is there by now is as good: another process may have added it.
 */
export function addProfile(
  host: Pick<Host, "files">,
  config: Pick<ConfigFile, "path">,
  name: string,
  settings: readonly (readonly [key: string, value: string])[],
): void {
  editFile(
    host,
    config.path,
    (text, path) => {
      const isThere = openConfig(text, path).profile(name) !== undefined;
      if (isThere && settings.length === 0) return text;
      return addSection(text, path, { kind: "profile", name }, settings);
    },
  );
}

/** The path without its last part; empty where it has no other. */
function folderOf(path: string): string {
  return path.replace(/[/\\]?[^/\\]*$/, "");
}
