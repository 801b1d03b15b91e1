import type { StoredCredential } from "../../native.ts";

/**
 * The byte offsets of the members of `CREDENTIALW` on x64 and arm64 (`wincred.h`): `DWORD` has 4 bytes,
 * pointers have 8 and are aligned to 8, `LastWritten` has 8 bytes at 24.
 */
const AT = {
  flags: 0,
  type: 4,
  targetName: 8,
  comment: 16,
  blobSize: 32,
  blob: 40,
  persist: 48,
  attributeCount: 52,
  attributes: 56,
  targetAlias: 64,
  userName: 72,
} as const;
const SIZE = 80;

/** CRED_TYPE_GENERIC */
const GENERIC = 1;
/** CRED_PERSIST_LOCAL_MACHINE, as the Go keyring uses: the credential does not roam to other machines. */
const LOCAL_MACHINE = 2;
/** CRED_MAX_GENERIC_TARGET_NAME_LENGTH, in UTF-16 units with the NUL. */
const LONGEST_NAME = 32_767;

/** A credential in Windows's memory; each member is read only on access. */
export class CredentialView {
  readonly #view: Deno.UnsafePointerView;

  constructor(pointer: Deno.PointerObject) {
    this.#view = new Deno.UnsafePointerView(pointer);
  }

  get isGeneric(): boolean {
    return this.#view.getUint32(AT.type) === GENERIC;
  }

  get targetName(): string {
    const pointer = this.#view.getPointer(AT.targetName);
    return pointer === null ? "" : wideStringAt(pointer);
  }

  get blob(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.#view.getUint32(AT.blobSize));
    const pointer = this.#view.getPointer(AT.blob);
    if (pointer !== null && copy.length > 0) new Deno.UnsafePointerView(pointer).copyInto(copy);
    return copy;
  }
}

/** A `CREDENTIALW` and its pointers' targets in one piece of memory, so that nothing is freed too early. */
export function encodeCredential(credential: StoredCredential): Uint8Array<ArrayBuffer> {
  const name = new Uint8Array(wideString(credential.targetName).buffer);
  const emptyAt = SIZE + name.length;
  const blobAt = emptyAt + 2;
  const bytes = new Uint8Array(blobAt + credential.blob.length);
  bytes.set(name, SIZE);
  bytes.set(credential.blob, blobAt);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  const view = new DataView(bytes.buffer);
  const point = (at: number, to: number) => view.setBigUint64(at, address + BigInt(to), true);
  view.setUint32(AT.type, GENERIC, true);
  point(AT.targetName, SIZE);
  point(AT.comment, emptyAt);
  view.setUint32(AT.blobSize, credential.blob.length, true);
  if (credential.blob.length > 0) point(AT.blob, blobAt);
  view.setUint32(AT.persist, LOCAL_MACHINE, true);
  point(AT.userName, emptyAt);
  return bytes;
}

/**
 * UTF-16 with a NUL terminator. Throws `TypeError` for text that contains a NUL, `RangeError` for more
 * than 32,766 units.
 */
export function wideString(text: string): Uint16Array<ArrayBuffer> {
  if (text.includes("\0")) throw new TypeError("A NUL character cannot be passed on");
  if (text.length >= LONGEST_NAME) throw new RangeError("The name is too long");
  const units = new Uint16Array(text.length + 1);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  return units;
}

function wideStringAt(pointer: Deno.PointerObject): string {
  const view = new Deno.UnsafePointerView(pointer);
  let text = "";
  for (let i = 0; i < LONGEST_NAME; i++) {
    const unit = view.getUint16(i * 2);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}
