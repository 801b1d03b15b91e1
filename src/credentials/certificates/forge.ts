/**
 * The part of `node-forge` that is used here, in types: ASN.1 in DER and BER, and decryption of private
 * keys and PKCS#12. Bytes are strings of characters up to U+00FF there.
 */

/** One value of ASN.1; `type` is the number of its tag. */
export interface Asn1 {
  readonly tagClass: number;
  readonly type: number;
  readonly constructed: boolean;
  /** The same, as the package asks for it when it writes. */
  readonly composed?: boolean;
  readonly value: string | readonly Asn1[];
}

/** What is used of the package. */
export interface Forge {
  readonly asn1: {
    fromDer(bytes: string): Asn1;
    toDer(value: Asn1): { getBytes(): string };
    derToOid(bytes: string): string;
    utcTimeToDate(text: string): Date;
    generalizedTimeToDate(text: string): Date;
  };
  readonly pki: {
    /** `null` where the passphrase is another. */
    decryptPrivateKeyInfo(info: Asn1, passphrase: string): Asn1 | null;
    readonly pbe: {
      getCipher(algorithm: string, parameters: Asn1 | undefined, passphrase: string): Cipher;
    };
  };
  readonly pkcs12: {
    /** RFC 7292, appendix B; `purpose` 3 is the key of a MAC. */
    generateKey(
      passphrase: string,
      salt: unknown,
      purpose: number,
      iterations: number,
      length: number,
      hash: Hash,
    ): unknown;
  };
  readonly md: Readonly<Record<string, { create(): Hash }>>;
  readonly hmac: {
    create(): {
      start(hash: Hash, key: unknown): void;
      update(bytes: string): void;
      digest(): { getBytes(): string };
    };
  };
  readonly util: { createBuffer(bytes: string): unknown };
}

/** A hash function of the package. */
export interface Hash {
  readonly digestLength: number;
}

interface Cipher {
  update(buffer: unknown): void;
  finish(): boolean;
  readonly output: { getBytes(): string };
}

/**
 * Loads the package, which is large: nothing that finds its credentials in the cache needs it.
 *
 * It asks for `crypto` of Node.js by `require` where it finds Node's version, and a bundle of modules has no
 * `require`. It gets an empty module there, as its `package.json` says for browsers ("browser"): what
 * it would do with it, it does itself.
 */
export async function loadForge(): Promise<Forge> {
  const scope: { require?: unknown } = globalThis;
  const isBundle = scope.require === undefined;
  if (isBundle) scope.require = () => ({});
  try {
    const { default: forge } = await import("node-forge");
    return forge as Forge;
  } finally {
    if (isBundle) delete scope.require;
  }
}

/** A text in UTF-8, as the package has bytes. */
export function toUtf8Binary(text: string): string {
  return toBinary(new TextEncoder().encode(text));
}

/** Bytes as the package has them. */
export function toBinary(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Bytes of the package as the rest of the program has them. */
export function toBytes(binary: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
