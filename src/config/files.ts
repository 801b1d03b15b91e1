/** Where the shared config and credentials files are, and reading the former. */

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
