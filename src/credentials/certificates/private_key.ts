import { BadAsn1, bytesOf, checkRounds, oidOf, parseDer, partsOf, TAG, write } from "./asn1.ts";
import { algorithmOf, type KeyAlgorithm, OID } from "./certificate.ts";
import { type Asn1, type Forge, toBytes, toUtf8Binary } from "./forge.ts";

/** An unencrypted private key: `PrivateKeyInfo` in DER (PKCS#8, RFC 5208). */
export interface PrivateKey {
  readonly pkcs8: Uint8Array<ArrayBuffer>;
  readonly algorithm: KeyAlgorithm | undefined;
}

/** Reads a key in PKCS#8. */
export function parsePkcs8(forge: Forge, info: Asn1): PrivateKey {
  const algorithm = algorithmOf(forge, partsOf(info)[1]);
  return { pkcs8: toBytes(forge.asn1.toDer(info).getBytes()), algorithm };
}

/** Reads a key in PKCS#1 (RFC 8017, A.1.2), the form for RSA. */
export function parsePkcs1(forge: Forge, der: string): PrivateKey {
  const algorithm = write(TAG.sequence, [writeOid(OID.rsa), write(TAG.null, "")]);
  return wrap(forge, algorithm, der);
}

/** Reads a key in SEC1 (RFC 5915), the form for elliptic curves. */
export function parseSec1(forge: Forge, der: string): PrivateKey {
  const parameters = partsOf(parseDer(forge, der)).find(({ tagClass, type }) =>
    tagClass === CONTEXT && type === 0
  );
  if (parameters === undefined) throw new BadAsn1("the key does not name its curve");
  const curve = partsOf(parameters)[0]!;
  return wrap(forge, write(TAG.sequence, [writeOid(OID.ec), curve]), der);
}

/** The tag class of values whose meaning depends on their position. */
const CONTEXT = 0x80;

function wrap(forge: Forge, algorithm: Asn1, key: string): PrivateKey {
  const version = write(TAG.integer, "\0");
  return parsePkcs8(forge, write(TAG.sequence, [version, algorithm, write(TAG.octets, key)]));
}

/** X.690, 8.19: the first two numbers are combined, and each is written in groups of seven bits. */
function writeOid(oid: string): Asn1 {
  const [first = 0, second = 0, ...rest] = oid.split(".").map(Number);
  return write(TAG.oid, [first * 40 + second, ...rest].map(inGroups).join(""));
}

function inGroups(value: number): string {
  const groups = [String.fromCharCode(value & 0x7f)];
  for (let left = value >>> 7; left > 0; left >>>= 7) {
    groups.unshift(String.fromCharCode(0x80 | left & 0x7f));
  }
  return groups.join("");
}

/** Reads an encrypted key (`EncryptedPrivateKeyInfo`); `undefined` if the passphrase is wrong. */
export function decryptPkcs8(
  forge: Forge,
  info: Asn1,
  passphrase: string,
): PrivateKey | undefined {
  checkRounds(partsOf(info)[0]);
  try {
    const oid = oidOf(forge, partsOf(partsOf(info)[0])[0]);
    const open = forge.pki.decryptPrivateKeyInfo(info, passphraseFor(oid, passphrase));
    // Decryption with a wrong passphrase may give valid ASN.1 by chance, but never a valid key.
    return open === null ? undefined : parsePkcs8(forge, open);
  } catch (error) {
    if (!isUnknownCipher(forge, info)) return undefined;
    throw new BadAsn1("the encryption of the key is not supported", { cause: error });
  }
}

/** PBES2, and the older schemes of PKCS#12. */
const PBES2 = "1.2.840.113549.1.5.13";
const OLD_PBE = /^1\.2\.840\.113549\.1\.12\.1\.[3-6]$/;

/** PBES2 takes the passphrase as bytes of UTF-8, the ciphers of PKCS#12 as characters. */
function passphraseFor(oid: string, passphrase: string): string {
  return oid === PBES2 ? toUtf8Binary(passphrase) : passphrase;
}

function isUnknownCipher(forge: Forge, info: Asn1): boolean {
  const oid = oidOf(forge, partsOf(partsOf(info)[0])[0]);
  return oid !== PBES2 && !OLD_PBE.test(oid);
}

/** The decrypted bytes of encrypted content. */
export function decryptContent(
  forge: Forge,
  algorithm: Asn1,
  content: Asn1 | undefined,
  passphrase: string,
): string {
  const [oid, parameters] = partsOf(algorithm);
  const name = oidOf(forge, oid);
  checkRounds(parameters);
  const cipher = forge.pki.pbe.getCipher(name, parameters, passphraseFor(name, passphrase));
  cipher.update(forge.util.createBuffer(bytesOf(content)));
  if (!cipher.finish()) throw new BadAsn1("its content cannot be decrypted");
  return cipher.output.getBytes();
}
