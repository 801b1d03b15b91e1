import { VaultError } from "../../src/errors.ts";
import type { Platform } from "../../src/host.ts";
import { quote } from "../../src/text.ts";

/**
 * The keychain of aws-vault 7, which keeps its items in this one only (docs/formats.md,
 * "Keychain").
 */
const DEFAULT_KEYCHAIN = "aws-vault";

/** A keychain by the name that a person knows it by, and its file. */
export interface KeychainPlace {
  readonly name: string;
  readonly path: string;
  /** Whether nobody named another: what is in it is only this program's. */
  readonly isOwn: boolean;
}

/**
 * Where the keychain of a name is: `~/Library/Keychains/<name>.keychain-db`, or a file that is
 * given by its absolute path. The ending may be written or not, also as `.keychain`, as aws-vault 7
 * has it: macOS has taken both for the same file since 10.12.
 *
 * Throws `bad-usage` for a name that is a folder of others, and where the home folder is unknown.
 */
export function resolveKeychain(
  platform: Pick<Platform, "home">,
  given: string | undefined,
): KeychainPlace {
  const name = (given || DEFAULT_KEYCHAIN).replace(/\.keychain(-db)?$/, "");
  const isOwn = name === DEFAULT_KEYCHAIN;
  if (name.startsWith("/")) return { name, path: `${name}.keychain-db`, isOwn };
  if (name === "" || name.split("/").includes("..") || name.includes("\0")) {
    throw new VaultError(
      "bad-usage",
      `Cannot use keychain ${quote(given ?? "")}: it is not a valid name`,
    );
  }
  if (platform.home === undefined) {
    throw new VaultError("bad-usage", "Cannot locate the keychains: HOME is not set");
  }
  return { name, path: `${platform.home}/Library/Keychains/${name}.keychain-db`, isOwn };
}
