import { VaultError } from "../../src/errors.ts";
import type { Platform } from "../../src/host.ts";
import { quote } from "../../src/text.ts";

/**
 * The keychain of aws-vault 7, the only one in which it keeps its items (docs/formats.md,
 * "Keychain").
 */
const DEFAULT_KEYCHAIN = "aws-vault";

/** A keychain: the name by which a person knows it, and its file. */
export interface KeychainPlace {
  readonly name: string;
  readonly path: string;
  /** Whether nobody named another keychain: then its contents belong to this program alone. */
  readonly isOwn: boolean;
}

/**
 * Where a named keychain is: `~/Library/Keychains/<name>.keychain-db`, or a file given by its
 * absolute path. The extension is optional, and `.keychain` works too, as in aws-vault 7: macOS has
 * treated both as the same file since 10.12.
 *
 * Throws `bad-usage` for a name that is a folder of others, and if the home folder is unknown.
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
