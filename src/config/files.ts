/** Where the shared config and credentials files are, and reading and writing them. */

import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type ConfigFile, openConfig } from "./config_file.ts";

/** The config file: `AWS_CONFIG_FILE`, else `~/.aws/config`. Throws `bad-config` where nothing says where home is. */
export function configPath(host: Pick<Host, "env" | "platform">): string {
  return sharedPath(host, "AWS_CONFIG_FILE", "config");
}

/** The credentials file: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`. */
export function credentialsPath(host: Pick<Host, "env" | "platform">): string {
  return sharedPath(host, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
}

/** Reads the config file; one that does not exist is empty. Throws `file-failed`. */
export function readConfig(host: Pick<Host, "env" | "platform" | "files">): ConfigFile {
  const path = configPath(host);
  return openConfig(host.files.readText(path) ?? "", path);
}

/**
 * Changes the config file: reads it, hands its text to `edit`, and writes the result whole.
 *
 * Nothing is written where the text stays the same. An existing file keeps its mode and its place behind
 * a symbolic link; a new one gets 0600, and its folder 0700. Throws `file-failed`, and what `edit` throws.
 */
export function editConfig(
  host: Pick<Host, "env" | "platform" | "files">,
  edit: (text: string, path: string) => string,
): void {
  const path = configPath(host);
  const before = host.files.readText(path);
  const after = edit(before ?? "", path);
  if (after === (before ?? "")) return;
  const folder = folderOf(path);
  if (before === undefined && folder !== "") host.files.makeFolder(folder, 0o700);
  host.files.writeWhole(path, after);
}

function sharedPath(
  { env, platform }: Pick<Host, "env" | "platform">,
  variable: string,
  name: string,
): string {
  const separator = platform.os === "windows" ? "\\" : "/";
  const path = env.get(variable) || ["~", ".aws", name].join(separator);
  if (!/^~($|[/\\])/.test(path)) return path;
  if (platform.home !== undefined && platform.home !== "") return platform.home + path.slice(1);
  throw new VaultError(
    "bad-config",
    `Cannot find the AWS ${name} file: nothing says where the home folder is`,
    { hints: [`Set ${variable} to the path of the file`, "Set HOME"] },
  );
}

/** The path without its last part; empty where it has no other. */
function folderOf(path: string): string {
  return path.replace(/[/\\]?[^/\\]*$/, "");
}
