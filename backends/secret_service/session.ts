/**
 * An encrypted session with the Secret Service: `dh-ietf1024-sha256-aes128-cbc-pkcs7` of the Secret
 * Service API draft, "Transfer of Secrets".
 *
 * Every program of the same user may listen on the bus (`dbus-monitor`). So secrets cross it
 * encrypted with a key that only the two ends know, and services that support only `plain` are
 * refused.
 *
 * libsecret would do this as well, but its `SecretService` requires GIO's shared connection, which
 * takes its address from the process, and ends the process when the bus goes away.
 */

import type { Host } from "../../src/host.ts";
import { type DBusValue, DBusVariant, NativeFailure } from "../../src/native.ts";

/** The name of the algorithm on the bus. */
const SESSION_ALGORITHM = "dh-ietf1024-sha256-aes128-cbc-pkcs7";

/** RFC 2409, 6.2: the second Oakley group, 1024 bits; the generator is 2. */
const PRIME = BigInt(
  "0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74" +
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437" +
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
);
const GENERATOR = 2n;
const PRIME_BYTES = 128;
/** Twice the strength of a group of this size; longer exponents would only cost time. */
const EXPONENT_BYTES = 32;

/** What is sent to the service, and what is kept to decode its answer. */
export interface KeyExchange {
  readonly publicKey: Uint8Array;
  readonly privateKey: bigint;
}

/**
 * Begins a key exchange with fresh random numbers.
 *
 * The public key begins with a byte of 0x01…0x7f: KWallet 6 reads a number with a library that takes the
 * first bit for its sign, and for some other numbers computes a different key than we do (seen in 0.65 %
 * of sessions; the code is `ksecretd`'s `kwalletfreedesktopsession.cpp`). The next exponent doubles the
 * public key, so finding a better one needs no further exponentiation.
 */
export function beginKeyExchange(random: Host["random"]): KeyExchange {
  let privateKey = toNumber(random.bytes(EXPONENT_BYTES));
  let number = power(GENERATOR, privateKey);
  while (!isReadAlike(toBytes(number))) {
    privateKey += 1n;
    number = number * GENERATOR % PRIME;
  }
  return { publicKey: toBytes(number), privateKey };
}

function isReadAlike([first = 0]: Uint8Array): boolean {
  return first >= 0x01 && first <= 0x7f;
}

/**
 * The AES-128 key that both ends compute: HKDF-SHA256 without salt or info over the shared number.
 *
 * `undefined` if the shared number begins with a zero byte, which KWallet 6 drops: the session must be
 * opened again. Throws `NativeFailure` for an answer outside 2…p−2, which would make the shared number
 * a known one.
 */
export async function finishKeyExchange(
  exchange: KeyExchange,
  theirPublicKey: Uint8Array,
): Promise<CryptoKey | undefined> {
  const theirs = toNumber(theirPublicKey);
  if (theirs < 2n || theirs > PRIME - 2n) {
    throw new NativeFailure("protocol", "The service's public key is not valid");
  }
  const shared = toBytes(power(theirs, exchange.privateKey));
  if (shared[0] === 0) return undefined;
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  return await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new Uint8Array() },
    material,
    { name: "AES-CBC", length: 128 },
    false,
    ["encrypt", "decrypt"],
  );
}

/** A session with a key, which the service identifies by its object path. */
export class SecretServiceSession {
  readonly path: string;
  readonly #key: CryptoKey;
  readonly #random: Host["random"];

  constructor(path: string, key: CryptoKey, random: Host["random"]) {
    this.path = path;
    this.#key = key;
    this.#random = random;
  }

  /** The structure `(oayays)` of a secret: session, initialisation vector, ciphertext, content type. */
  async encrypt(data: Uint8Array<ArrayBuffer>, contentType: string): Promise<DBusValue> {
    const iv = this.#random.bytes(16);
    const encrypted = await crypto.subtle.encrypt({ name: "AES-CBC", iv }, this.#key, data);
    return [this.path, iv, new Uint8Array(encrypted), contentType];
  }

  /** The data of such a structure; throws `NativeFailure` if it does not belong to this session. */
  async decrypt(secret: DBusValue | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const [, iv, encrypted] = Array.isArray(secret) ? secret : [];
    if (!(iv instanceof Uint8Array) || !(encrypted instanceof Uint8Array)) {
      throw new NativeFailure("protocol", "The service's answer is not a secret");
    }
    try {
      const algorithm = { name: "AES-CBC", iv: new Uint8Array(iv) };
      return new Uint8Array(
        await crypto.subtle.decrypt(algorithm, this.#key, new Uint8Array(encrypted)),
      );
    } catch {
      throw new NativeFailure("protocol", "The service's answer cannot be decrypted");
    }
  }
}

/** The parameters of `OpenSession`, of type `(sv)`. */
export function openSessionParameters(exchange: KeyExchange): DBusValue[] {
  return [SESSION_ALGORITHM, new DBusVariant("ay", exchange.publicKey)];
}

/** `base` to the power of `exponent`, modulo the prime. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = result * square % PRIME;
    square = square * square % PRIME;
  }
  return result;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x0${bytes.toHex()}`);
}

/** As long as the prime, with leading zeros: the key derivation takes exactly these bytes. */
function toBytes(number: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(number.toString(16).padStart(PRIME_BYTES * 2, "0"));
}
