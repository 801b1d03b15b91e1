/** Memory that calls of Security.framework read and write. */

import type { Secret } from "../../secret.ts";

/** The bytes of a password; empty without a password. */
export function passwordBytes(password: Secret | undefined): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(password?.reveal() ?? "");
}

/** The number of bytes; 0 if there are none. */
export function lengthOf(bytes: Uint8Array | undefined): number {
  return bytes?.length ?? 0;
}

/** Copies the bytes to memory that has an address even if there are no bytes. */
export function present(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(Math.max(1, bytes.length));
  copy.set(bytes);
  return copy;
}

/** The pointer that a call wrote into a slot. */
export function pointerIn(slot: BigUint64Array<ArrayBuffer>): Deno.PointerObject | undefined {
  return Deno.UnsafePointer.create(slot[0]!) ?? undefined;
}

/** Copies the memory at a pointer. */
export function copyOf(pointer: Deno.PointerObject, length: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(length);
  if (length > 0) new Deno.UnsafePointerView(pointer).copyInto(copy);
  return copy;
}
