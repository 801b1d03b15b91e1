/** The text of an edited file, which AWS's programs must be able to read. */

import { VaultError } from "../errors.ts";
import { decodeRaw } from "../raw_text.ts";
import { quote } from "../text.ts";

/** Decodes a file with its byte order mark, for `encodeRaw`; throws `bad-config` for UTF-16. */
export function decodeText(bytes: Uint8Array, path: string): string {
  const text = decodeRaw(bytes);
  requireNotUtf16(text, path);
  if (!text.includes("\0")) return text;
  throw notUtf8(path, "it contains NUL bytes");
}

/**
 * Throws `bad-config` if a text that was read as UTF-8 begins like UTF-16: with a byte order mark,
 * or with a zero byte beside the first character.
 */
export function requireNotUtf16(text: string, path: string): void {
  if (!/^(?:\ufffd\ufffd|\udcff\udcfe|\udcfe\udcff|[^]?\0)/.test(text)) return;
  throw notUtf8(path, "it is UTF-16");
}

function notUtf8(path: string, why: string): VaultError {
  return new VaultError("bad-config", `Cannot read ${quote(path)}: ${why}`, {
    hints: ["Save the file as UTF-8, which the AWS CLI and SDKs read"],
  });
}
