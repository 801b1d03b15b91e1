/** A C string: UTF-8 with a NUL at its end. Throws `TypeError` for text that holds a NUL itself. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) throw new TypeError("A NUL character cannot be passed on");
  return new TextEncoder().encode(text + "\0");
}
