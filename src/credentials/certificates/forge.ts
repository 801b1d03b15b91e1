/**
 * Types for the used part of `node-forge`: ASN.1 in DER and BER, and decryption of private keys and
 * PKCS#12. The package represents bytes as strings of characters up to U+00FF.
 */

/** An ASN.1 value; `type` is its tag number. */
export interface Asn1 {
  readonly tagClass: number;
  readonly type: number;
  readonly constructed: boolean;
  /** The same, as the package requires it for writing. */
  readonly composed?: boolean;
  readonly value: string | readonly Asn1[];
}

/** The used part of the package. */
export interface Forge {
  readonly asn1: {
    fromDer(bytes: string): Asn1;
    toDer(value: Asn1): { getBytes(): string };
    derToOid(bytes: string): string;
    utcTimeToDate(text: string): Date;
    generalizedTimeToDate(text: string): Date;
  };
  readonly pki: {
    /** `null` if the passphrase is wrong. */
    decryptPrivateKeyInfo(info: Asn1, passphrase: string): Asn1 | null;
    readonly pbe: {
      getCipher(algorithm: string, parameters: Asn1 | undefined, passphrase: string): Cipher;
    };
  };
  readonly pbe: {
    /** RFC 7292, appendix B; `purpose` 3 is the key of a MAC. */
    generatePkcs12Key(
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
 * Loads the used modules of the package, which is large: credentials from the cache do not need it. The
 * modules add themselves to one object.
 *
 * If it detects Node.js, it loads `crypto` with `require`, which a bundle of modules does not have.
 * In a bundle it gets an empty module, as its `package.json` specifies for browsers ("browser"),
 * and uses its own code instead.
 */
export async function loadForge(): Promise<Forge> {
  const scope: { require?: unknown } = globalThis;
  const isBundle = scope.require === undefined;
  if (isBundle) scope.require = () => ({});
  try {
    const { default: forge } = await import("node-forge/lib/forge.js");
    await import("node-forge/lib/pbe.js");
    await import("node-forge/lib/hmac.js");
    await import("node-forge/lib/md.all.js");
    return forge as Forge;
  } finally {
    if (isBundle) delete scope.require;
  }
}

/** A text in UTF-8, in the package's representation of bytes. */
export function toUtf8Binary(text: string): string {
  return toBinary(new TextEncoder().encode(text));
}

/** Bytes in the package's representation. */
export function toBinary(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Bytes from the package's representation. */
export function toBytes(binary: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
