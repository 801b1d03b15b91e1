import { VaultError } from "../src/errors.ts";
import type { Files } from "../src/files.ts";
import { quote } from "../src/text.ts";

/**
 * Throws `unsafe-file` if something other than a file is in an item's place: without that, a folder or
 * pipe that somebody put there would look as if no key were stored.
 */
export function requireFileOrNothing(files: Pick<Files, "info">, path: string): void {
  const kind = files.info(path)?.kind;
  if (kind === undefined || kind === "file") return;
  const what = kind === "folder" ? "a folder" : "a pipe, a socket or a device";
  throw new VaultError("unsafe-file", `Cannot use the item ${quote(path)}: it is ${what}`, {
    hints: ["aws-vault does not create such a thing: move it away"],
  });
}
