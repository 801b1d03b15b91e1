/**
 * The encryption of the file store: JWE compact serialisation with PBES2-HS256+A128KW and A256GCM
 * (RFC 7516; RFC 7518 4.8 and 5.3), the only form that the Go keyring writes.
 *
 * Reading uses only WebCrypto: every cached call reads an item, so loading a library would be
 * noticeable, and the key-encryption key need not come from a passphrase.
 */

/** PBKDF2 rounds for writing: OWASP's advice for HMAC-SHA-256; the Go library reads it. */
const WRITTEN_ROUNDS = 600_000;

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
  return crypto.subtle.importKey("raw", bytes, "AES-KW", true, ["unwrapKey"]);
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

/** What the header of a JWE shows unencrypted. */
export interface JweFacts {
  readonly created: Temporal.Instant;
  readonly publicName?: string | undefined;
}

/** Encrypts with {@linkcode WRITTEN_ROUNDS}. The header has the time, as Go's clock prints it. */
export async function sealJwe(
  payload: string,
  passphrase: string,
  { created, publicName }: JweFacts,
): Promise<string> {
  const { CompactEncrypt } = await import("jose");
  const goTime = created.toString({ fractionalSecondDigits: 9 }).replace("T", " ")
    .replace("Z", " +0000 UTC");
  return await new CompactEncrypt(new TextEncoder().encode(payload))
    .setProtectedHeader({
      alg: ALGORITHM,
      enc: ENCRYPTION,
      created: goTime,
      ...(publicName !== undefined && { "aws-vault-name": publicName }),
    })
    .setKeyManagementParameters({ p2c: WRITTEN_ROUNDS })
    .encrypt(new TextEncoder().encode(passphrase));
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
