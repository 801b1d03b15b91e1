/**
 * The system's bytes as text that can be converted back: UTF-8, with each invalid byte as a lone
 * surrogate U+DC80 to U+DCFF, as in Python (PEP 383).
 *
 * Environment variables and the names in `PATH` are bytes on Unix: the runtime drops a variable that is
 * not UTF-8, even a whole `PATH`, but the child of `exec` must get every byte. An edit of a config file
 * keeps every byte that it does not change.
 */

const FIRST_ESCAPE = 0xdc80;

/** Decodes bytes to text; {@linkcode encodeRaw} restores them. */
export function decodeRaw(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? decodeMixed(bytes);
}

/** Encodes a text to bytes. */
export function encodeRaw(text: string): Uint8Array<ArrayBuffer> {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  const encoder = new TextEncoder();
  const parts = text.split(/([\udc80-\udcff])/u).map((part, at) =>
    at % 2 === 0 ? encoder.encode(part) : Uint8Array.of(part.charCodeAt(0) - FIRST_ESCAPE + 0x80)
  );
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function decodeMixed(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const character = bytes.subarray(at, at + lengthOf(first));
    const decoded = decodeUtf8(character);
    text += decoded ?? String.fromCharCode(FIRST_ESCAPE + first - 0x80);
    at += decoded === undefined ? 1 : character.length;
  }
  return text;
}

/** The length of a UTF-8 character, from its first byte. */
function lengthOf(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}
