/** The arguments of this process, byte for byte; the runtime accepts only UTF-8. */

import { decodeRaw } from "../raw_text.ts";

/** Marks an argument whose characters are bytes; a noncharacter, not in any text (Unicode, section 23.7). */
const MARK = "\ufdd0";

/**
 * The arguments as they were given; those that are not UTF-8 are decoded by {@linkcode decodeRaw}.
 *
 * The runtime ends with a trace if one is not UTF-8. In the compiled program for Linux on x86-64,
 * non-ASCII arguments arrive as one character per byte (`scripts/start_code.ts`).
 */
export function readArguments(given: readonly string[] = Deno.args): string[] {
  return given.map((word) => word.startsWith(MARK) ? readBytes(word) : word);
}

function readBytes(word: string): string {
  const bytes = Array.from(word.slice(MARK.length), (character) => character.codePointAt(0)!);
  return bytes.some((byte) => byte > 0xff) ? word : decodeRaw(Uint8Array.from(bytes));
}
