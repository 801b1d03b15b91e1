/** PKCS#12 (RFC 7292): a file of a private key and certificates, protected by a passphrase. */

import { BadAsn1, bytesOf, checkRounds, insideOf, oidOf, parseDer, partsOf } from "./asn1.ts";
import { type Asn1, type Forge, toBinary, toBytes } from "./forge.ts";
import { decryptContent, decryptPkcs8, parsePkcs8, type PrivateKey } from "./private_key.ts";

/** The content of a file. */
export interface KeyFileContent {
  readonly keys: readonly PrivateKey[];
  /** In DER, in the order of the file. */
  readonly certificates: readonly Uint8Array<ArrayBuffer>[];
}

const DATA = "1.2.840.113549.1.7.1";
const ENCRYPTED = "1.2.840.113549.1.7.6";
const BAGS = "1.2.840.113549.1.12.10.1";
const KEY_BAG = `${BAGS}.1`;
const SHROUDED_KEY_BAG = `${BAGS}.2`;
const CERTIFICATE_BAG = `${BAGS}.3`;
const X509 = "1.2.840.113549.1.9.22.1";

/** Whether bytes look like PKCS#12: a sequence that starts with version 3. */
export function isPkcs12(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false;
  const length = bytes[1]!;
  const at = length < 0x80 || length === 0x80 ? 2 : 2 + (length & 0x7f);
  return bytes[at] === 2 && bytes[at + 1] === 1 && bytes[at + 2] === 3;
}

/**
 * Reads a file; `undefined` if the passphrase is wrong. Throws `BadAsn1` if it is not PKCS#12.
 *
 * Certificates are returned byte for byte: their signature covers these bytes.
 */
export function parsePkcs12(
  forge: Forge,
  bytes: Uint8Array,
  passphrase: string,
): KeyFileContent | undefined {
  const [, content, mac] = partsOf(parseDer(forge, toBinary(bytes)));
  if (mac === undefined) throw new BadAsn1("it is not protected by a passphrase (it has no MAC)");
  const safeBytes = bytesOf(contentOf(content));
  if (!isMacOf(forge, mac, safeBytes, passphrase)) return undefined;
  const safe = parseDer(forge, safeBytes);
  const bags = partsOf(safe).flatMap((info) => openSafe(forge, info, passphrase));
  return {
    keys: bags.flatMap((bag) => keyOf(forge, bag, passphrase)),
    certificates: bags.flatMap((bag) => certificateOf(forge, bag)),
  };
}

/** The hash functions of a MAC, by their object identifiers. */
const HASHES: Readonly<Record<string, string>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/** Whether the MAC (RFC 7292, 5.1) confirms the passphrase, and that the file is unchanged. */
function isMacOf(forge: Forge, mac: Asn1, content: string, passphrase: string): boolean {
  const [info, salt, iterations] = partsOf(mac);
  checkRounds(iterations);
  const [algorithm, digest] = partsOf(info);
  const hash = HASHES[oidOf(forge, partsOf(algorithm)[0])];
  if (hash === undefined) throw new BadAsn1("the kind of its MAC is not supported");
  const count = iterations === undefined ? 1 : Number(`0x${toBytes(bytesOf(iterations)).toHex()}`);
  const create = () => forge.md[hash]!.create();
  const { digestLength } = create();
  const saltBytes = forge.util.createBuffer(bytesOf(salt));
  const key = forge.pbe.generatePkcs12Key(passphrase, saltBytes, 3, count, digestLength, create());
  const hmac = forge.hmac.create();
  hmac.start(create(), key);
  hmac.update(content);
  return hmac.digest().getBytes() === bytesOf(digest);
}

/** The content of a `ContentInfo`, which has an explicit tag. */
function contentOf(info: Asn1 | undefined): Asn1 {
  return partsOf(partsOf(info)[1])[0]!;
}

/** The bags of one part of the file, `SafeContents`. */
function openSafe(forge: Forge, info: Asn1, passphrase: string): readonly Asn1[] {
  const kind = oidOf(forge, partsOf(info)[0]);
  if (kind === DATA) return partsOf(insideOf(forge, contentOf(info)));
  if (kind !== ENCRYPTED) throw new BadAsn1("a part of it is protected in an unsupported way");
  const [, algorithm, content] = partsOf(partsOf(contentOf(info))[1]);
  return partsOf(parseDer(forge, decryptContent(forge, algorithm!, content, passphrase)));
}

function keyOf(forge: Forge, bag: Asn1, passphrase: string): PrivateKey[] {
  const kind = oidOf(forge, partsOf(bag)[0]);
  if (kind === KEY_BAG) return [parsePkcs8(forge, contentOf(bag))];
  if (kind !== SHROUDED_KEY_BAG) return [];
  const key = decryptPkcs8(forge, contentOf(bag), passphrase);
  return key === undefined ? [] : [key];
}

function certificateOf(forge: Forge, bag: Asn1): Uint8Array<ArrayBuffer>[] {
  const [name] = partsOf(bag);
  if (oidOf(forge, name) !== CERTIFICATE_BAG) return [];
  const value = contentOf(bag);
  if (oidOf(forge, partsOf(value)[0]) !== X509) return [];
  return [toBytes(bytesOf(partsOf(partsOf(value)[1])[0]))];
}
