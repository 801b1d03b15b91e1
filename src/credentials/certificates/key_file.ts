/** Files of certificates and keys: PEM (RFC 7468) of every kind, DER certificates, PKCS#12. */

import { BadAsn1, parseDer } from "./asn1.ts";
import { type Forge, toBinary } from "./forge.ts";
import { isPkcs12, type KeyFileContent, parsePkcs12 } from "./pkcs12.ts";
import { decryptPkcs8, parsePkcs1, parsePkcs8, parseSec1, type PrivateKey } from "./private_key.ts";

/** Gives passphrases to try, the next one if one is wrong; throws if there are no more. */
export type AskPassphrase = () => Promise<string>;

/** One block of a PEM file. */
interface Block {
  readonly label: string;
  readonly der: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a file's keys and certificates. Throws `BadAsn1`, with a clause about the file as its
 * message, for an unreadable file.
 */
export async function parseKeyFile(
  forge: Forge,
  bytes: Uint8Array<ArrayBuffer>,
  ask: AskPassphrase,
): Promise<KeyFileContent> {
  if (isPkcs12(bytes)) {
    return await untilItFits(ask, (passphrase) => parsePkcs12(forge, bytes, passphrase));
  }
  if (bytes[0] === 0x30) return { keys: [], certificates: [bytes] };
  const blocks = parsePem(new TextDecoder().decode(bytes));
  const keys: PrivateKey[] = [];
  for (const block of blocks) {
    const key = await keyOf(forge, block, ask);
    if (key !== undefined) keys.push(key);
  }
  const certificates = blocks.filter(({ label }) => CERTIFICATE.test(label)).map(({ der }) => der);
  return { keys, certificates };
}

/** The certificates of a file that can be read without a passphrase. */
export function publicCertificates(
  bytes: Uint8Array<ArrayBuffer>,
): readonly Uint8Array<ArrayBuffer>[] {
  if (isPkcs12(bytes)) return [];
  if (bytes[0] === 0x30) return [bytes];
  return parsePem(new TextDecoder().decode(bytes))
    .filter(({ label }) => CERTIFICATE.test(label)).map(({ der }) => der);
}

const CERTIFICATE = /^(?:X509 |TRUSTED )?CERTIFICATE$/;

function parsePem(text: string): Block[] {
  const found = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g);
  return [...found].map(([, label = "", body = ""]) => ({ label, der: decodeBody(body) }));
}

function decodeBody(body: string): Uint8Array<ArrayBuffer> {
  if (body.includes(":")) {
    throw new BadAsn1(
      "it is encrypted in OpenSSL's old format, which is not supported; " +
        "convert it: openssl pkcs8 -topk8 -in OLD -out NEW",
    );
  }
  try {
    return Uint8Array.fromBase64(body);
  } catch {
    throw new BadAsn1("a block of it is not base64");
  }
}

async function keyOf(
  forge: Forge,
  { label, der }: Block,
  ask: AskPassphrase,
): Promise<PrivateKey | undefined> {
  const bytes = toBinary(der);
  switch (label) {
    case "PRIVATE KEY":
      return parsePkcs8(forge, parseDer(forge, bytes));
    case "RSA PRIVATE KEY":
      return parsePkcs1(forge, bytes);
    case "EC PRIVATE KEY":
      return parseSec1(forge, bytes);
    case "ENCRYPTED PRIVATE KEY": {
      const info = parseDer(forge, bytes);
      return await untilItFits(ask, (passphrase) => decryptPkcs8(forge, info, passphrase));
    }
    default:
      return undefined;
  }
}

async function untilItFits<T>(
  ask: AskPassphrase,
  open: (passphrase: string) => T | undefined,
): Promise<T> {
  for (;;) {
    const content = open(await ask());
    if (content !== undefined) return content;
  }
}
