/**
 * Seals rows with AES-256-GCM and the data key, so that a copied database is worthless.
 *
 * A sealed value is a format byte (1), a nonce of twelve bytes, then ciphertext and tag.
 */

import type { Random } from "../host.ts";
import { encodeCanonically } from "./canonical.ts";

const FORMAT = 1;
const NONCE_BYTES = 12;

/** A key that seals rows, and its public name, which each of those rows holds. */
export interface DataKey {
  /** Sixteen hexadecimal digits, from a hash of the key. */
  readonly id: string;
  readonly key: CryptoKey;
  /** The number of changes of stored keys that are recorded beside the key. */
  readonly changes: number;
  /** The last of these changes for each stored key, by name. */
  readonly lastChanges: ReadonlyMap<string, number>;
}

/**
 * Where a value belongs, authenticated together with it: otherwise anyone who can write to the database
 * could move the row of a powerful role under the identity of another.
 */
export interface SealPlace {
  readonly identity: string;
  readonly kind: string;
  readonly profile: string;
  /** The name of the long-term key behind it, if there is one. */
  readonly sourceKey: string | undefined;
  /** Milliseconds since 1970; authenticated so that nobody can make an expired value serve again. */
  readonly expiration: number;
  /** The requested duration in seconds; 0 if the call takes none. */
  readonly grantedSeconds: number;
  /** The data key's `changes` at the time of sealing. */
  readonly changes: number;
}

/** Makes a data key from 32 bytes; {@linkcode describeDataKey} computes a missing `id`. */
export async function importDataKey(
  bytes: Uint8Array<ArrayBuffer>,
  known: { readonly [Part in "id" | "changes" | "lastChanges"]?: DataKey[Part] | undefined } = {},
): Promise<DataKey> {
  const usages: KeyUsage[] = ["encrypt", "decrypt"];
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, usages);
  const { id = await describeDataKey(bytes), changes = 0, lastChanges = new Map() } = known;
  return { id, key, changes, lastChanges };
}

/** The public name of a data key: sixteen hexadecimal digits. */
export async function describeDataKey(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const named = encodeCanonically(["aws-vault data key id", bytes]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", named)).slice(0, 8).toHex();
}

/** Seals a text for its place, under a fresh nonce. */
export async function seal(
  random: Random,
  dataKey: DataKey,
  place: SealPlace,
  text: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const nonce = random.bytes(NONCE_BYTES);
  const algorithm = algorithmFor(nonce, dataKey, place);
  const content = new TextEncoder().encode(text);
  const encrypted = await crypto.subtle.encrypt(algorithm, dataKey.key, content);
  const sealed = new Uint8Array(1 + NONCE_BYTES + encrypted.byteLength);
  sealed[0] = FORMAT;
  sealed.set(nonce, 1);
  sealed.set(new Uint8Array(encrypted), 1 + NONCE_BYTES);
  return sealed;
}

/** The text, or `undefined` if the value was not sealed with this key for this place. */
export async function unseal(
  dataKey: DataKey,
  place: SealPlace,
  sealed: Uint8Array,
): Promise<string | undefined> {
  if (sealed[0] !== FORMAT) return undefined;
  const algorithm = algorithmFor(sealed.slice(1, 1 + NONCE_BYTES), dataKey, place);
  try {
    const content = sealed.slice(1 + NONCE_BYTES);
    return new TextDecoder().decode(
      await crypto.subtle.decrypt(algorithm, dataKey.key, content),
    );
  } catch {
    return undefined;
  }
}

function algorithmFor(nonce: BufferSource, dataKey: DataKey, place: SealPlace): AesGcmParams {
  const additionalData = encodeCanonically([
    "aws-vault row 1",
    place.identity,
    dataKey.id,
    place.kind,
    place.profile,
    place.sourceKey,
    place.expiration,
    place.grantedSeconds,
    place.changes,
  ]);
  return { name: "AES-GCM", iv: nonce, additionalData };
}
