/**
 * The encryption of the file store: JWE compact serialisation with PBES2-HS256+A128KW and A256GCM
 * (RFC 7516; RFC 7518 4.8 and 5.3), the only form that the Go keyring writes.
 *
 * Only WebCrypto is used: every cached call reads an item, so loading a library would be noticeable,
 * and the key-encryption key need not come from a passphrase, neither for reading nor for writing.
 */

import type { Random } from "../../src/host.ts";

/** PBKDF2 rounds for writing: OWASP's advice for HMAC-SHA-256; the Go library reads it. */
export const WRITTEN_ROUNDS = 600_000;
/** What is drawn for each sealing; RFC 7518 4.8.1.1 requires at least 8 bytes. */
export const SALT_BYTES = 16;

const FEWEST_ROUNDS = 1_000;
/**
 * A file's writer could choose more to hang the reader (CVE-2023-50658): a quarter of a second at
 * this number, minutes at 2^31. The Go keyring has a limit, too.
 */
const MOST_ROUNDS = 2_000_000;

const ALGORITHM = "PBES2-HS256+A128KW";
const ENCRYPTION = "A256GCM";

/** A text that cannot be opened, and the reason. */
export class JweFailure extends Error {
  override readonly name = "JweFailure";
  /**
   * `malformed`: not in the one form that is read here. `wrong-key`: the content key does not unwrap,
   * so the passphrase is another one (or salt or wrapped key are damaged). `tampered`: the content
   * key is right, but the content is not.
   */
  readonly kind: "malformed" | "wrong-key" | "tampered";

  constructor(kind: JweFailure["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The key-encryption key of a text that is to be written, with what its header says of it. */
export interface SealingKey {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly rounds: number;
  readonly kek: CryptoKey;
}

/** Gives the key-encryption key (AES-KW, 128 bits) for a salt (`p2s`) and a number of rounds (`p2c`). */
export type KekSource = (salt: Uint8Array<ArrayBuffer>, rounds: number) => Promise<CryptoKey>;

/**
 * Derives the key-encryption key from a passphrase: about 70 ms at 600,000 rounds.
 *
 * The key can be exported (`raw`, 16 bytes), so that an unlock can outlast the process without
 * keeping the passphrase anywhere.
 */
export async function deriveKek(
  passphrase: string,
  salt: Uint8Array,
  rounds: number,
): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(passphrase);
  const base = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const prefix = new TextEncoder().encode(ALGORITHM + "\0");
  const wholeSalt = new Uint8Array(prefix.length + salt.length);
  wholeSalt.set(prefix);
  wholeSalt.set(salt, prefix.length);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt: wholeSalt, iterations: rounds },
    base,
    128,
  );
  return importKek(new Uint8Array(bits));
}

/** Makes a key-encryption key from its 16 bytes. */
export function importKek(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "AES-KW", true, ["wrapKey", "unwrapKey"]);
}

/** Makes a key for one text, with a salt that no other text has and {@linkcode WRITTEN_ROUNDS}. */
export async function newSealingKey(
  random: Random,
  kekSource: KekSource,
): Promise<SealingKey> {
  const salt = random.bytes(SALT_BYTES);
  return { salt, rounds: WRITTEN_ROUNDS, kek: await kekSource(salt, WRITTEN_ROUNDS) };
}

/** Decrypts a JWE; throws {@linkcode JweFailure}. */
export async function openJwe(
  text: string,
  kekSource: KekSource,
): Promise<Uint8Array<ArrayBuffer>> {
  const jwe = parseJwe(text);
  const kek = await kekSource(jwe.salt, jwe.rounds);
  const contentKey = await unwrap(jwe.wrappedKey, kek);
  try {
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: jwe.nonce, additionalData: jwe.protectedHeader, tagLength: 128 },
      contentKey,
      jwe.sealed,
    );
    return new Uint8Array(plain);
  } catch (cause) {
    throw new JweFailure("tampered", "its content was changed after it was written", { cause });
  }
}

/**
 * Whether a JWE's passphrase is cheaper to guess than with the rounds written now; false for any other
 * text.
 */
export function hasFewRounds(text: string): boolean {
  try {
    return parseJwe(text).rounds < WRITTEN_ROUNDS;
  } catch (error) {
    if (error instanceof JweFailure) return false;
    throw error;
  }
}

/**
 * The public name of a JWE's content (docs/formats.md, "File store"), from its header alone; `undefined` if
 * the header has none. Throws {@linkcode JweFailure} for a text that nothing opens.
 */
export function publicNameOf(text: string): string | undefined {
  parseJwe(text);
  const { "aws-vault-name": name } = headerObject(text.trim().split(".")[0]!);
  return typeof name === "string" && /^[0-9A-Za-z]{1,64}$/.test(name) ? name : undefined;
}

/** The salt that a text was sealed with; `undefined` for a text that nothing opens. */
export function saltOf(text: string): Uint8Array | undefined {
  try {
    return parseJwe(text).salt;
  } catch (error) {
    if (error instanceof JweFailure) return undefined;
    throw error;
  }
}

/** What the header of a JWE shows unencrypted. */
export interface JweFacts {
  readonly created: Temporal.Instant;
  readonly publicName?: string | undefined;
}

/** Encrypts with a new content key. The header has the time, as Go's clock prints it. */
export async function sealJwe(
  random: Random,
  payload: string,
  { salt, rounds, kek }: SealingKey,
  { created, publicName }: JweFacts,
): Promise<string> {
  const header = encode(JSON.stringify({
    alg: ALGORITHM,
    enc: ENCRYPTION,
    created: goTime(created),
    ...(publicName !== undefined && { "aws-vault-name": publicName }),
    p2c: rounds,
    p2s: base64url(salt),
  }));
  const cipher = { name: "AES-GCM", length: 256 };
  const contentKey = await crypto.subtle.generateKey(cipher, true, ["encrypt", "decrypt"]);
  const wrappedKey = await crypto.subtle.wrapKey("raw", contentKey, kek, "AES-KW");
  const nonce = random.bytes(12);
  const additionalData = new TextEncoder().encode(header);
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt(
      { name: "AES-GCM", iv: nonce, additionalData, tagLength: 128 },
      contentKey,
      new TextEncoder().encode(payload),
    ),
  );
  const parts = [new Uint8Array(wrappedKey), nonce, sealed.subarray(0, -16), sealed.subarray(-16)];
  return [header, ...parts.map(base64url)].join(".");
}

function goTime(instant: Temporal.Instant): string {
  return instant.toString({ fractionalSecondDigits: 9 }).replace("T", " ")
    .replace("Z", " +0000 UTC");
}

interface ParsedJwe {
  readonly protectedHeader: Uint8Array<ArrayBuffer>;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly rounds: number;
  readonly wrappedKey: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array<ArrayBuffer>;
  /** Cipher text and tag, as WebCrypto takes them. */
  readonly sealed: Uint8Array<ArrayBuffer>;
}

function parseJwe(text: string): ParsedJwe {
  const parts = text.trim().split(".");
  if (parts.length !== 5) throw malformed("it is not a JWE of five parts");
  const [header, wrappedKey, nonce, cipherText, tag] = parts as [
    string,
    string,
    string,
    string,
    string,
  ];
  const parsed = {
    protectedHeader: new TextEncoder().encode(header),
    ...parseHeader(header),
    wrappedKey: decode(wrappedKey),
    nonce: decode(nonce),
  };
  const tagBytes = decode(tag);
  if (parsed.wrappedKey.length !== 40 || parsed.nonce.length !== 12 || tagBytes.length !== 16) {
    throw malformed("its parts have the wrong length");
  }
  const cipherBytes = decode(cipherText);
  const sealed = new Uint8Array(cipherBytes.length + 16);
  sealed.set(cipherBytes);
  sealed.set(tagBytes, cipherBytes.length);
  return { ...parsed, sealed };
}

function parseHeader(encoded: string): { salt: Uint8Array<ArrayBuffer>; rounds: number } {
  const header = headerObject(encoded);
  if (header.alg !== ALGORITHM || header.enc !== ENCRYPTION) {
    throw malformed(`it is not encrypted with ${ALGORITHM} and ${ENCRYPTION}`);
  }
  // A few kilobytes can unpack to gigabytes (CVE-2025-63811), and no store needs compression.
  if (header.zip !== undefined) throw malformed("it is compressed");
  if (header.crit !== undefined) throw malformed("it needs an extension of the format");
  const { p2c: rounds, p2s } = header;
  if (typeof rounds !== "number" || !Number.isInteger(rounds) || rounds < FEWEST_ROUNDS) {
    throw malformed(`its count of PBKDF2 rounds is not a number from ${FEWEST_ROUNDS}`);
  }
  if (rounds > MOST_ROUNDS) {
    throw malformed(`it asks for ${rounds} PBKDF2 rounds, more than ${MOST_ROUNDS}`);
  }
  const salt = decode(typeof p2s === "string" ? p2s : "");
  // RFC 7518 4.8.1.1: at least 8 octets.
  if (salt.length < 8 || salt.length > 1024) throw malformed("its salt has the wrong length");
  return { salt, rounds };
}

function headerObject(encoded: string): Record<string, unknown> {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(decode(encoded)));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Reported below.
  }
  throw malformed("its header is not a JSON object");
}

function encode(text: string): string {
  return base64url(new TextEncoder().encode(text));
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function decode(part: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(part)) throw malformed("it is not base64url");
  try {
    return Uint8Array.fromBase64(part, { alphabet: "base64url" });
  } catch (cause) {
    throw malformed("it is not base64url", cause);
  }
}

async function unwrap(wrappedKey: Uint8Array<ArrayBuffer>, kek: CryptoKey): Promise<CryptoKey> {
  try {
    return await crypto.subtle.unwrapKey("raw", wrappedKey, kek, "AES-KW", "AES-GCM", false, [
      "decrypt",
    ]);
  } catch (cause) {
    throw new JweFailure("wrong-key", "its content key does not unwrap", { cause });
  }
}

function malformed(message: string, cause?: unknown): JweFailure {
  return new JweFailure("malformed", message, cause === undefined ? undefined : { cause });
}
