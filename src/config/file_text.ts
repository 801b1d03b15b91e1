/**
 * The text of a file that is edited: each byte that is not UTF-8 becomes one lone surrogate (U+DC80 to
 * U+DCFF) and that byte again, as Python's `surrogateescape` does (PEP 383). UTF-8 has no encoding for
 * these, so that no valid text can be taken for them.
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

const ESCAPES = 0xdc00;

/** The text of a file's bytes, a byte order mark included; throws `bad-config` for UTF-16. */
export function decodeText(bytes: Uint8Array, path: string): string {
  const text = decodeUtf8(bytes) ?? decodeEach(bytes);
  requireNotUtf16(text, path);
  if (!text.includes("\0")) return text;
  throw notUtf8(path, "there are zero bytes in it");
}

/** The bytes that {@linkcode decodeText} made a text of. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  if (text.isWellFormed()) return encoder.encode(text);
  const parts = text.split(/([\udc80-\udcff])/u).map((part, i) =>
    i % 2 === 0 ? encoder.encode(part) : Uint8Array.of(part.charCodeAt(0) - ESCAPES)
  );
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Throws `bad-config` where a text begins as UTF-16 does that was read as UTF-8: with a byte order
 * mark, or with a zero byte beside the first character.
 */
export function requireNotUtf16(text: string, path: string): void {
  if (!/^(?:\ufffd\ufffd|\udcff\udcfe|\udcfe\udcff|[^]?\0)/.test(text)) return;
  throw notUtf8(path, "it is UTF-16");
}

function notUtf8(path: string, why: string): VaultError {
  return new VaultError("bad-config", `Cannot read ${quote(path)}: ${why}`, {
    hints: ["Save the file as UTF-8, which is what AWS's programs read"],
  });
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function decodeEach(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const sequence = bytes.subarray(at, at + lengthAfter(first));
    const character = first < 0x80 ? String.fromCharCode(first) : decodeUtf8(sequence);
    text += character ?? String.fromCharCode(ESCAPES + first);
    at += character === undefined ? 1 : sequence.length;
  }
  return text;
}

/** How many bytes a character has by its first one (RFC 3629, section 3). */
function lengthAfter(first: number): number {
  if (first < 0xc0) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}
