/** The places of the shared config and credentials files, and reading the config file. */

import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type ConfigFile, openConfig } from "./config_file.ts";
import { requireNotUtf16 } from "./file_text.ts";
import { expandPath } from "../state_folder.ts";
import { openLargeConfig } from "./large_config.ts";
import { recallPlaces, rememberPlaces } from "./section_places.ts";

/** The config file: `AWS_CONFIG_FILE`, else `~/.aws/config`. Throws `bad-config` if the home folder is unknown. */
export function configPath(host: Pick<Host, "env" | "platform">): string {
  return sharedPath(host, "AWS_CONFIG_FILE", "config");
}

/** The credentials file: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`. */
export function credentialsPath(host: Pick<Host, "env" | "platform">): string {
  return sharedPath(host, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
}

/** The folder of the AWS CLI's logins to Identity Center; `undefined` without a home folder. */
export function loginsFolder({ platform }: Pick<Host, "platform">): string | undefined {
  return platform.home === undefined ? undefined : `${platform.home}/.aws/sso/cache`;
}

/** The config file, and what a command calls after its use. */
export interface OpenedConfig extends ConfigFile {
  /** Remembers the places of the sections that this call requested, for the next call. */
  remember?(): void;
}

/** From this size on, reading the whole file noticeably slows a cached call. */
const LARGE_BYTES = 256 * 1024;

/** Reads the config file; a missing file counts as empty. Throws `file-failed`, and `bad-config` for UTF-16. */
export function readConfig(host: Pick<Host, "env" | "platform" | "files">): OpenedConfig {
  const path = configPath(host);
  const readWhole = () => {
    const text = host.files.readText(path) ?? "";
    requireNotUtf16(text, path);
    return text;
  };
  const stamp = host.files.stamp(path, LARGE_BYTES);
  if (stamp === undefined) return openConfig(readWhole(), path);
  const config = openLargeConfig({
    path,
    places: recallPlaces(host, path, stamp.id),
    readParts: (places) => host.files.readParts(path, stamp.id, places),
    readWhole,
  });
  return Object.assign(config, {
    remember() {
      const places = config.newPlaces();
      // Offsets in the text equal offsets in the file only if every character is one byte.
      if (places === undefined || config.text.length !== stamp.size) return;
      if (host.files.stamp(path, LARGE_BYTES)?.id !== stamp.id) return;
      rememberPlaces(host, path, { stamp: stamp.id, places });
    },
  });
}

function sharedPath(
  { env, platform }: Pick<Host, "env" | "platform">,
  variable: string,
  name: string,
): string {
  const path = expandPath(env.get(variable) || `~/.aws/${name}`, platform);
  if (path !== undefined) return path;
  throw new VaultError(
    "bad-config",
    `Cannot find the AWS ${name} file: the home folder is unknown`,
    { hints: [`Set ${variable} to the path of the file`, "Set HOME"] },
  );
}
