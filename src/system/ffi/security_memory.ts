/** Memory that calls of Security.framework read and write. */

import type { Secret } from "../../secret.ts";

/** The bytes of a password; none for no password. */
export function passwordBytes(password: Secret | undefined): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(password?.reveal() ?? "");
}

/** The number of bytes; 0 for none. */
export function lengthOf(bytes: Uint8Array | undefined): number {
  return bytes?.length ?? 0;
}

/** The bytes in memory of their own, which has an address even where there are none. */
export function present(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(Math.max(1, bytes.length));
  copy.set(bytes);
  return copy;
}

/** The pointer that a call has written into a slot. */
export function pointerIn(slot: BigUint64Array<ArrayBuffer>): Deno.PointerObject | undefined {
  return Deno.UnsafePointer.create(slot[0]!) ?? undefined;
}

/** A copy of what a pointer leads to. */
export function copyOf(pointer: Deno.PointerObject, length: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(length);
  if (length > 0) new Deno.UnsafePointerView(pointer).copyInto(copy);
  return copy;
}
