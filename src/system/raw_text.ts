/**
 * Bytes of the system as text that can be turned back: UTF-8, and a byte that is not stands as the lone
 * surrogate U+DC80 to U+DCFF, as in Python (PEP 383).
 *
 * Environment variables and the names in `PATH` are bytes on Unix. The runtime drops a variable that is
 * not UTF-8, a whole `PATH` with it; the child of `exec` is to get every byte of it.
 */

const FIRST_ESCAPE = 0xdc80;
const LAST_ESCAPE = 0xdcff;

/** The text of bytes; {@linkcode encodeRaw} gives them back. */
export function decodeRaw(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? decodeMixed(bytes);
}

/** The bytes of a text. */
export function encodeRaw(text: string): Uint8Array<ArrayBuffer> {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  const bytes = Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    const isEscape = code >= FIRST_ESCAPE && code <= LAST_ESCAPE;
    return isEscape ? [code - FIRST_ESCAPE + 0x80] : [...new TextEncoder().encode(character)];
  });
  return new Uint8Array(bytes.flat());
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
