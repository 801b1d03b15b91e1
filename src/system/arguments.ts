/** The arguments of this process with every byte of them; the runtime takes only what is UTF-8. */

import { decodeRaw } from "../raw_text.ts";

/** What stands before an argument whose bytes are characters; no text has this one (Unicode, section 23.7). */
const MARK = "\ufdd0";

/**
 * The arguments as they were given; what is not UTF-8 as {@linkcode decodeRaw} reads it.
 *
 * The runtime ends with a trace where one is not UTF-8. In the compiled program for Linux on x86-64,
 * those that are not ASCII come as one character for each byte (`scripts/start_code.ts`).
 */
export function readArguments(given: readonly string[] = Deno.args): string[] {
  return given.map((word) => word.startsWith(MARK) ? readBytes(word) : word);
}

function readBytes(word: string): string {
  const bytes = Array.from(word.slice(MARK.length), (character) => character.codePointAt(0)!);
  return bytes.some((byte) => byte > 0xff) ? word : decodeRaw(Uint8Array.from(bytes));
}
