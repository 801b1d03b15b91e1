/**
 * Data that are larger than the 2,560 bytes of a Windows credential (pains 21), in parts.
 *
 * The credential of the key then holds a header that names a generation; the parts are credentials of
 * their own, of names that hold that generation. New parts are written first, then the header in one
 * call, then the old parts go: a process that is killed leaves the old data or the new.
 */

/** CRED_MAX_CREDENTIAL_BLOB_SIZE (`wincred.h`), 5 × 512. */
export const LARGEST_BLOB = 2_560;

/** No JSON begins so, and data that do are written in parts, so that a header is never taken for data. */
const MAGIC = "\0aws-vault parts 1\n";

/** What the credential of a key says about its parts. */
export interface PartsHeader {
  /** Lower-case hexadecimal digits, new for each write. */
  readonly generation: string;
  readonly count: number;
  /** Of all parts together, in bytes. */
  readonly size: number;
}

/** Whether data go into the credential of the key themselves. */
export function fitsWhole(data: Uint8Array): boolean {
  return data.length <= LARGEST_BLOB && !hasMagic(data);
}

/** The blob of a header. */
export function encodeHeader(header: PartsHeader): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(MAGIC + JSON.stringify(header));
}

/** The header in a blob; `undefined` where the blob is the data; `"damaged"` for a header that is none. */
export function decodeHeader(blob: Uint8Array): PartsHeader | undefined | "damaged" {
  if (!hasMagic(blob)) return undefined;
  try {
    const { generation, count, size } = JSON.parse(
      new TextDecoder().decode(blob.subarray(MAGIC.length)),
    );
    const isSound = /^[0-9a-f]{16}$/.test(generation) && Number.isSafeInteger(size) &&
      Number.isSafeInteger(count) && count > 0 && count === Math.ceil(size / LARGEST_BLOB);
    return isSound ? { generation, count, size } : "damaged";
  } catch {
    return "damaged";
  }
}

/** The data in pieces of what one credential may hold; at least one. */
export function splitParts(data: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(data.length / LARGEST_BLOB));
  return Array.from(
    { length: count },
    (_, index) => data.subarray(index * LARGEST_BLOB, (index + 1) * LARGEST_BLOB),
  );
}

/** The parts together, or `undefined` where they are not as many bytes as the header says. */
export function joinParts(
  header: PartsHeader,
  parts: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> | undefined {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size !== header.size) return undefined;
  const data = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}

function hasMagic(bytes: Uint8Array): boolean {
  return [...MAGIC].every((character, index) => bytes[index] === character.charCodeAt(0));
}
