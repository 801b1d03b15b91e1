/**
 * Bytes of the system as text that can be turned back: UTF-8, and a byte that is not stands as the lone
 * surrogate U+DC80 to U+DCFF, as in Python (PEP 383).
 *
 * Environment variables and the names in `PATH` are bytes on Unix: the runtime drops a variable that is
 * not UTF-8, a whole `PATH` with it, and the child of `exec` is to get every byte of it. An edit of a
 * config file keeps every byte that it does not change.
 */

const FIRST_ESCAPE = 0xdc80;

/** The text of bytes; {@linkcode encodeRaw} gives them back. */
export function decodeRaw(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? decodeMixed(bytes);
}

/** The bytes of a text. */
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

/** How many bytes a character of UTF-8 has, by its first. */
function lengthOf(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}
